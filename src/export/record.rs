//! The bytes of an event file of TensorBoard: protocol buffers, each in the frame of a TFRecord.
//!
//! Both are written by hand: there are few messages, and a frame is a length and two checksums.

/// A message, built field by field (<https://protobuf.dev/programming-guides/encoding>).
#[derive(Default)]
pub struct Message(Vec<u8>);

impl Message {
    pub fn int(mut self, field: u64, value: u64) -> Message {
        self.key(field, 0);
        self.varint(value);
        self
    }

    pub fn double(mut self, field: u64, value: f64) -> Message {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn float(mut self, field: u64, value: f32) -> Message {
        self.key(field, 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    pub fn text(self, field: u64, value: &str) -> Message {
        self.bytes(field, value.as_bytes())
    }

    pub fn message(self, field: u64, value: &Message) -> Message {
        self.bytes(field, &value.0)
    }

    /// A packed repeated field.
    pub fn doubles(self, field: u64, values: &[f64]) -> Message {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.bytes(field, &bytes)
    }

    /// The message in its frame: its length, a checksum of that, the message, and a checksum of it.
    pub fn framed(&self) -> Vec<u8> {
        let length = (self.0.len() as u64).to_le_bytes();
        let checksum = |bytes: &[u8]| masked(crc32c::crc32c(bytes)).to_le_bytes();
        [length.as_slice(), &checksum(&length), &self.0, &checksum(&self.0)].concat()
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Message {
        self.key(field, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    fn key(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// TensorFlow masks checksums, since a CRC over data that contain their own CRC is weak.
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_record_has_the_bytes_of_any_event_file() {
        let message = Message::default().double(1, 0.0).text(3, "brain.Event:2");
        let framed = message.framed();
        // The first bytes of a file of TensorFlow or PyTorch.
        assert_eq!(framed[..12], [0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22]);
        assert_eq!(framed[12..], [b"\x09\0\0\0\0\0\0\0\0\x1a\x0dbrain.Event:2".as_slice(), &framed[36..]].concat());
        assert_eq!(framed.len(), 8 + 4 + 24 + 4);
    }

    #[test]
    fn numbers_are_encoded_as_documented() {
        // The example of the documentation: field 1 with 150 is 08 96 01.
        assert_eq!(Message::default().int(1, 150).0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().float(2, 1.0).0, [0x15, 0, 0, 0x80, 0x3f]);
        let inner = Message::default().int(1, 1);
        assert_eq!(Message::default().message(5, &inner).0, [0x2a, 2, 0x08, 1]);
    }

    #[test]
    fn checksums_are_those_of_castagnoli() {
        // RFC 3720, B.4: 32 bytes of zeros.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
    }
}
