// What the tablet must not lose: events not yet sent, and its running number. In IndexedDB, so that a reload,
// a crash or an empty battery loses nothing; nothing personal is in it but what the citizen has just typed.
const NAME = "motcua-tablet";

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export async function openStore() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("events", { keyPath: "sequence" });
    opening.result.createObjectStore("facts");
  };
  const database = await promised(opening);
  // Ask the browser not to clear this away when the disk is full; a refusal changes nothing here.
  navigator.storage?.persist?.();

  return {
    // Give the event the device's next number and keep it; both happen or neither does.
    async add(event) {
      const transaction = database.transaction(["events", "facts"], "readwrite", { durability: "strict" });
      const facts = transaction.objectStore("facts");
      const sequence = ((await promised(facts.get("sequence"))) ?? 0) + 1;
      facts.put(sequence, "sequence");
      transaction.objectStore("events").add({ ...event, sequence });
      await finished(transaction);
      return sequence;
    },
    first(count) {
      return promised(database.transaction("events").objectStore("events").getAll(null, count));
    },
    count() {
      return promised(database.transaction("events").objectStore("events").count());
    },
    async remove(sequences) {
      const transaction = database.transaction("events", "readwrite");
      for (const sequence of sequences) transaction.objectStore("events").delete(sequence);
      await finished(transaction);
    },
  };
}
