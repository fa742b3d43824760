//! The records of `src/fixture/records.ts`, made by the same rule.

use bytes::Bytes;
use s2_sdk::types::{AppendRecord, Header, SequencedRecord};
use serde::Deserialize;

use crate::Outcome;

const POOL_BYTES: usize = 1 << 20;

#[derive(Deserialize, Clone)]
pub struct Shape {
    pub size: usize,
    pub headers: usize,
    pub batch: usize,
    pub text: String,
}

/// The pool of distinct records that a run repeats.
pub struct Records {
    bodies: Vec<Bytes>,
    texts: Vec<String>,
    traces: Vec<Bytes>,
    headers: usize,
}

impl Records {
    pub fn new(shape: &Shape) -> Self {
        let count = (POOL_BYTES / shape.size.max(1)).clamp(1, 1000);
        let texts: Vec<String> = (0..count).map(|i| text(i, shape.size, shape.text == "unicode")).collect();
        Self {
            bodies: texts.iter().map(|t| Bytes::from(t.clone().into_bytes())).collect(),
            traces: (0..count).map(|i| Bytes::from(text(i + 1, 16, false))).collect(),
            headers: shape.headers,
            texts,
        }
    }

    /// Record `index` of a run, as an application would make it of data that it has.
    pub fn append(&self, index: usize, as_string: bool) -> Outcome<AppendRecord> {
        let at = index % self.bodies.len();
        let record = if as_string {
            AppendRecord::new(self.texts[at].clone())?
        } else {
            AppendRecord::new(self.bodies[at].clone())?
        };
        if self.headers == 0 {
            return Ok(record);
        }
        Ok(record.with_headers([
            Header::new(Bytes::from_static(b"kind"), Bytes::from_static(b"benchmark")),
            Header::new(Bytes::from_static(b"trace"), self.traces[at].clone()),
        ])?)
    }
}

fn text(index: usize, size: usize, unicode: bool) -> String {
    let mut text = String::with_capacity(size);
    let mut position = 0;
    while text.len() < size {
        if unicode && position % 16 == 15 && text.len() + 2 <= size {
            text.push('é');
        } else {
            text.push((b'a' + ((index * 31 + position * 7 + (position >> 3)) % 26) as u8) as char);
        }
        position += 1;
    }
    text
}

/// Updates a checksum over what one record holds.
pub fn digest(hasher: &mut crc32fast::Hasher, record: &SequencedRecord) {
    hasher.update(&record.seq_num.to_be_bytes());
    hasher.update(&record.body);
    for header in &record.headers {
        hasher.update(&header.name);
        hasher.update(&[0]);
        hasher.update(&header.value);
        hasher.update(&[0]);
    }
    hasher.update(&[255]);
}
