import gzip
import tracemalloc
from pathlib import Path

import pytest

from services.procedure_import import reading
from services.procedure_import.reading import (
    FileDamagedError,
    FileEmptyError,
    FileNotRecordsError,
    FileTooLargeError,
    LineNotTextError,
    LineTooLongError,
    inspect_file,
    parse_line,
    read_lines,
    unpack,
)


def file(folder: Path, content: bytes) -> Path:
    path = folder / "records.jsonl"
    path.write_bytes(content)
    return path


def test_lines_are_numbered_as_an_editor_numbers_them(tmp_path: Path) -> None:
    path = file(tmp_path, b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"b": 2}\n{"c": 3}')

    assert [(line.number, line.data) for line in read_lines(path)] == [
        (1, b'{"a": 1}'),
        (4, b'{"b": 2}'),
        (5, b'{"c": 3}'),
    ]
    assert [line.number for line in read_lines(path, after=4)] == [5]
    assert inspect_file(path).records == 3


def test_packed_and_plain_file_have_one_fingerprint(tmp_path: Path) -> None:
    plain = file(tmp_path, b'{"a": 1}\n{"b": 2}\n')
    packed = tmp_path / "records"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    found = inspect_file(packed)

    assert (found.fingerprint, found.records, found.size_bytes) == (inspect_file(plain).fingerprint, 2, 18)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", FileEmptyError),
        (b"\n \n", FileEmptyError),
        (b"[{}]", FileNotRecordsError),
        (b"PK\x03\x04", FileNotRecordsError),
        (gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-20], FileDamagedError),
        (b"\x1f\x8bno", FileDamagedError),
    ],
)
def test_file_that_holds_no_records_is_refused(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        inspect_file(file(tmp_path, content))


def test_packed_bomb_is_stopped_at_the_bound_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 64 * 1024 * 1024)
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=1) as bomb:
        for _ in range(80):
            bomb.write(bytes(1024 * 1024))

    tracemalloc.start()
    with pytest.raises(FileTooLargeError):
        unpack(path, tmp_path / "unpacked")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (path.stat().st_size < 1024 * 1024, peak < 24 * 1024 * 1024) == (True, True)


def test_overlong_line_is_refused_and_the_next_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINE_BYTES", 100)
    path = file(tmp_path, b'{"a": "' + b"x" * 350 + b'"}\n{"b": 2}\n')

    long, short = read_lines(path)

    assert (long.number, long.is_cut, len(long.data), short.number, parse_line(short)) == (1, True, 101, 2, {"b": 2})
    with pytest.raises(LineTooLongError):
        parse_line(long)


def test_line_in_another_encoding_is_refused_with_the_byte(tmp_path: Path) -> None:
    (line,) = read_lines(file(tmp_path, '{"a": "Đồng Nai"}\n'.encode("utf-16-le")[:6] + b"{\xd0\xff}\n"))

    with pytest.raises(LineNotTextError) as caught:
        parse_line(line)

    assert str(caught.value) == "The line is not UTF-8 text (byte 8)."
