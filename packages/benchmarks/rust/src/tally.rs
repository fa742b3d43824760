//! What a reader counts, and the checksum that it takes where the job asks for it.

use s2_sdk::types::SequencedRecord;

use crate::{Outcome, fixture::digest, measure::Delivered, work::Job};

pub struct Tally {
    pub delivered: Delivered,
    hasher: Option<crc32fast::Hasher>,
    start: u64,
    as_string: bool,
}

impl Tally {
    pub fn new(job: &Job) -> Self {
        let hasher = job.verify.then(crc32fast::Hasher::new);
        Self { delivered: Delivered::default(), hasher, start: job.start, as_string: job.as_string() }
    }

    pub fn take(&mut self, record: &SequencedRecord) -> Outcome<()> {
        self.delivered.count += 1;
        // A string costs what it costs in Rust: a check of the bytes.
        self.delivered.bytes +=
            if self.as_string { str::from_utf8(&record.body)?.len() } else { record.body.len() } as u64;
        for header in &record.headers {
            self.delivered.bytes += (header.name.len() + header.value.len()) as u64;
        }
        self.delivered.seq_sum += record.seq_num - self.start;
        if let Some(hasher) = &mut self.hasher {
            digest(hasher, record);
        }
        Ok(())
    }

    pub fn finish(self) -> Delivered {
        Delivered { digest: self.hasher.map(crc32fast::Hasher::finalize), ..self.delivered }
    }
}
