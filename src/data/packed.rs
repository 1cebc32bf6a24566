//! Files that may be compressed: gzip and xz, known by how they begin.

use super::{Pay, code, drain, reason};
use crate::vm::limits::Fail;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// The contents of a file, unpacked if they are compressed. What comes out is paid for, so that a small file cannot
/// become a huge one unnoticed.
pub fn read_unpacked(path: &Path, name: &str, pay: Pay<'_>) -> Result<Vec<u8>, Fail> {
    let failed = |e: io::Error| Fail::new(code::READ, format!("cannot read `{name}`: {}", reason(&e)));
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = Vec::new();
    (&file).take(6).read_to_end(&mut magic).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let file = BufReader::new(file);
    match magic.as_slice() {
        [0x1f, 0x8b, ..] => drain(flate2::read::MultiGzDecoder::new(file), pay, failed),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => drain(lzma_rust2::XzReader::new(file, true), pay, failed),
        _ => drain(file, pay, failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// "nsp" and a newline, as `xz` writes it.
    const XZ: &[u8] = &[
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16, 0x00,
        0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x03, 0x6e, 0x73, 0x70, 0x0a, 0x00, 0xdb, 0xca, 0x05, 0x63,
        0x8c, 0x8c, 0x6f, 0x52, 0x00, 0x01, 0x1c, 0x04, 0x6f, 0x2c, 0x9c, 0xc1, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00,
        0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
    ];

    #[test]
    fn compressed_and_plain() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let read = |limit: usize| {
            let mut used = 0;
            read_unpacked(&path, "a", &mut |n| {
                used += n;
                if used > limit { Err("too much".into()) } else { Ok(()) }
            })
        };
        std::fs::write(&path, b"plain").unwrap();
        assert_eq!(read(1 << 20).unwrap(), b"plain");
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(&vec![7; 1 << 22]).unwrap();
        let gz = gz.finish().unwrap();
        std::fs::write(&path, &gz).unwrap();
        assert_eq!(read(1 << 24).unwrap().len(), 1 << 22);
        assert_eq!(read(1 << 20).unwrap_err().message, "too much");
        std::fs::write(&path, &gz[..gz.len() / 2]).unwrap();
        assert!(read(1 << 24).unwrap_err().message.contains("cannot read `a`"));
        std::fs::write(&path, XZ).unwrap();
        assert_eq!(read(1 << 24).unwrap(), b"nsp\n");
        std::fs::write(&path, &XZ[..XZ.len() - 9]).unwrap();
        assert!(read(1 << 24).is_err(), "the end is missing");
        assert_eq!(read_unpacked(&dir.path().join("b"), "b", &mut |_| Ok(())).unwrap_err().code, code::READ);
    }
}
