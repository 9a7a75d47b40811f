//! The kinds of binary files, by their first bytes.

/// Number of bytes that are looked at.
const SAMPLE: usize = 1 << 16;

/// First bytes of common binary files.
const MAGIC: [(&[u8], &str); 18] = [
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"ARROW1", "an Arrow table"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\xd0\xcf\x11\xe0", "a document of a word processor"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF-", "a PDF document"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"BZh91AY", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x04\x22\x4d\x18", "an lz4 archive"),
];
/// Bytes at other places: the offset, the bytes and the kind.
const MAGIC_WITHIN: [(usize, &[u8], &str); 2] =
    [(257, b"ustar", "a tar archive"), (60, b"BOOKMOBI", "an e-book (Mobipocket)")];
/// What the first files of a zip archive tell.
const ZIPPED: [(&[u8], &str); 5] = [
    (b"application/epub+zip", "an e-book (EPUB)"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file of a word processor"),
    (b"word/", "a Word document (.docx)"),
    (b"xl/", "an Excel table (.xlsx)"),
    (b"", "a zip archive"),
];
/// Bytes of a zip archive that are looked at.
const ZIP_SAMPLE: usize = 4096;

/// Which kind of binary file these are the bytes of; `None` for text.
pub fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(zip_kind(&bytes[..bytes.len().min(ZIP_SAMPLE)]));
    }
    let within = |(at, magic, _): &&(usize, &[u8], &str)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    let at_start = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind);
    if let Some(kind) = at_start.or_else(|| MAGIC_WITHIN.iter().find(within).map(|(.., kind)| *kind)) {
        return Some(kind);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    // Escapes begin the colours of terminals.
    let controls = sample.iter().filter(|&&byte| byte < b' ' && !matches!(byte, b'\t'..=b'\r' | 0x1b)).count();
    (sample.contains(&0) || controls * 20 > sample.len()).then_some("a binary file")
}

fn zip_kind(sample: &[u8]) -> &'static str {
    let holds = |part: &[u8]| part.is_empty() || sample.windows(part.len()).any(|window| window == part);
    ZIPPED.iter().find(|(part, _)| holds(part)).map_or("a zip archive", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_first_bytes() {
        let zip = |name: &str| [b"PK\x03\x04\x14\x00\x00\x00\x08\x00".as_slice(), name.as_bytes(), &[0; 40]].concat();
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let mut mobi = vec![0; 100];
        mobi[60..68].copy_from_slice(b"BOOKMOBI");
        for (bytes, kind) in [
            (zip("mimetypeapplication/epub+zip"), "an e-book (EPUB)"),
            (zip("[Content_Types].xml word/document.xml"), "a Word document (.docx)"),
            (zip("poems.txt"), "a zip archive"),
            (b"%PDF-1.4".to_vec(), "a PDF document"),
            (b"\x1f\x8b\x08".to_vec(), "a gzip archive"),
            (tar, "a tar archive"),
            (mobi, "an e-book (Mobipocket)"),
            (b"a\0b".to_vec(), "a binary file"),
        ] {
            assert_eq!(binary_kind(&bytes), Some(kind));
        }
        assert_eq!(binary_kind("床前明月光\r\n\u{1b}[0m".as_bytes()), None);
    }
}
