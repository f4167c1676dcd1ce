// Every event of the tablet goes through here: kept first, then sent in order, in batches, until the centre has
// answered for it. The server takes each event once, so sending it again after a lost answer is safe.
const BATCH = 50;
const LONGEST_PAUSE_MS = 60_000;
const SETTLED = new Set([200, 404, 409, 410, 422]);

export class Sender {
  #store;
  #post;
  #busy = false;
  #pause = 0;
  #timer = 0;

  // post(events) sends a batch and gives [{key, status}], or throws where nothing is known of its fate.
  constructor(store, post) {
    this.#store = store;
    this.#post = post;
  }

  // Keep the event; the promise is fulfilled when it is safe, not when it has arrived.
  async put(event) {
    await this.#store.add({ key: crypto.randomUUID(), ...event });
    this.flush();
  }

  async waiting() {
    const [oldest] = await this.#store.first(1);
    return { length: await this.#store.count(), oldestAt: oldest?.at ?? null };
  }

  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    try {
      for (let batch = await this.#store.first(BATCH); batch.length; batch = await this.#store.first(BATCH)) {
        const results = await this.#post(batch);
        const settled = new Set(results.filter((result) => SETTLED.has(result.status)).map((result) => result.key));
        const done = batch.filter((event) => settled.has(event.key));
        if (!done.length) throw new Error("nothing was taken");
        await this.#store.remove(done.map((event) => event.sequence));
        this.#pause = 0;
      }
    } catch {
      this.#pause = Math.min(LONGEST_PAUSE_MS, (this.#pause || 500) * 2);
      this.#timer = setTimeout(() => this.flush(), this.#pause);
    } finally {
      this.#busy = false;
    }
  }
}
