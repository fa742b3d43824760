//! The kinds of work, one function each.

use std::{num::NonZeroU32, time::{Duration, Instant}};

use futures_util::{StreamExt};
use s2_sdk::{
    S2Stream,
    batching::{BatchLimits, BatchingConfig},
    producer::ProducerConfig,
    append_session::AppendSessionConfig,
    types::{
        AppendInput, AppendRecordBatch, ReadFrom, ReadInput, ReadLimits, ReadSessionConfig, ReadStart, ReadStop,
        SequencedRecord,
    },
};
use serde::Deserialize;

use crate::{
    Outcome,
    fixture::{Records, Shape, digest},
    measure::{Delivered, Meter, Round},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub work: String,
    pub endpoint: String,
    pub basin: String,
    pub stream: String,
    pub format: String,
    pub shape: Shape,
    /// Records of each round; the first is the cold one.
    pub rounds: Vec<usize>,
    /// Where reads start.
    pub start: u64,
    /// Take a checksum over everything, which costs time.
    pub verify: bool,
    /// Most bytes in flight.
    pub inflight_bytes: u32,
}

impl Job {
    fn as_string(&self) -> bool {
        self.format == "string"
    }
}

pub async fn perform(job: &Job, stream: &S2Stream) -> Outcome<Vec<Round>> {
    let records = Records::new(&job.shape);
    let mut rounds = Vec::new();
    for &count in &job.rounds {
        rounds.push(match job.work.as_str() {
            "append" => append(job, stream, &records, count).await?,
            "producer" => producer(job, stream, &records, count).await?,
            "round-trip" => round_trip(job, stream, &records, count).await?,
            "unary-append" => unary_append(job, stream, &records, count).await?,
            "read" => read(job, stream, count).await?,
            "unary-read" => unary_read(job, stream, count).await?,
            other => return Err(format!("unknown work: {other}").into()),
        });
    }
    Ok(rounds)
}

fn batch(job: &Job, records: &Records, from: usize, until: usize) -> Outcome<AppendInput> {
    let list: Result<Vec<_>, _> =
        (from..until.min(from + job.shape.batch)).map(|i| records.append(i, job.as_string())).collect();
    Ok(AppendInput::new(AppendRecordBatch::try_from_iter(list?)?))
}

fn session_config(job: &Job) -> Outcome<AppendSessionConfig> {
    Ok(AppendSessionConfig::new().with_max_unacked_bytes(job.inflight_bytes)?)
}

async fn append(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let meter = Meter::start();
    let session = stream.append_session(session_config(job)?);
    let mut last = None;
    let mut sent = 0;
    while sent < count {
        let input = batch(job, records, sent, count)?;
        sent += input.records.len();
        last = Some(session.submit(input).await?);
    }
    session.close().await?;
    if let Some(ticket) = last {
        ticket.await?;
    }
    Ok(meter.stop(count))
}

async fn producer(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let meter = Meter::start();
    let limits = BatchLimits::default().with_max_batch_records(job.shape.batch)?;
    let config = ProducerConfig::new()
        .with_max_unacked_bytes(job.inflight_bytes)?
        .with_batching(BatchingConfig::new().with_linger(Duration::from_millis(5)).with_limits(limits));
    let producer = stream.producer(config);
    let mut last = None;
    for index in 0..count {
        last = Some(producer.submit(records.append(index, job.as_string())?).await?);
    }
    producer.close().await?;
    if let Some(ticket) = last {
        ticket.await?;
    }
    Ok(meter.stop(count))
}

async fn round_trip(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let session = stream.append_session(
        session_config(job)?.with_max_unacked_batches(NonZeroU32::MIN),
    );
    let mut latencies = Vec::with_capacity(count);
    let meter = Meter::start();
    for index in 0..count {
        let started = Instant::now();
        session.submit(batch(job, records, index, index + 1)?).await?.await?;
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    session.close().await?;
    Ok(Round { latencies, ..meter.stop(count) })
}

async fn unary_append(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let mut latencies = Vec::new();
    let meter = Meter::start();
    let mut sent = 0;
    while sent < count {
        let started = Instant::now();
        let input = batch(job, records, sent, count)?;
        sent += input.records.len();
        stream.append(input).await?;
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Round { latencies, ..meter.stop(count) })
}

struct Tally {
    delivered: Delivered,
    hasher: Option<crc32fast::Hasher>,
    start: u64,
    as_string: bool,
}

impl Tally {
    fn new(job: &Job) -> Self {
        let hasher = job.verify.then(crc32fast::Hasher::new);
        Self { delivered: Delivered::default(), hasher, start: job.start, as_string: job.as_string() }
    }

    fn take(&mut self, record: &SequencedRecord) -> Outcome<()> {
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

    fn finish(self) -> Delivered {
        Delivered { digest: self.hasher.map(crc32fast::Hasher::finalize), ..self.delivered }
    }
}

fn input(from: u64, count: usize) -> ReadInput {
    ReadInput::new()
        .with_start(ReadStart::new().with_from(ReadFrom::SeqNum(from)))
        .with_stop(ReadStop::new().with_limits(ReadLimits::new().with_count(count)))
}

async fn read(job: &Job, stream: &S2Stream, count: usize) -> Outcome<Round> {
    let mut tally = Tally::new(job);
    let meter = Meter::start();
    let mut session = stream.read_session(input(job.start, count), ReadSessionConfig::new()).await?;
    while let Some(batch) = session.next().await {
        for record in &batch?.records {
            tally.take(record)?;
        }
    }
    Ok(Round { delivered: tally.finish(), ..meter.stop(count) })
}

async fn unary_read(job: &Job, stream: &S2Stream, count: usize) -> Outcome<Round> {
    let mut tally = Tally::new(job);
    let mut latencies = Vec::new();
    let meter = Meter::start();
    while (tally.delivered.count as usize) < count {
        let started = Instant::now();
        let wanted = (count - tally.delivered.count as usize).min(job.shape.batch);
        let got = stream.read(input(job.start + tally.delivered.count, wanted)).await?;
        for record in &got.records {
            tally.take(record)?;
        }
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Round { delivered: tally.finish(), latencies, ..meter.stop(count) })
}
