//! The kinds of work, one function each.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream::iter};
use s2_sdk::{
    S2Basin, S2Stream,
    append_session::AppendSessionConfig,
    batching::{AppendInputs, AppendRecordBatches, BatchLimits, BatchingConfig},
    producer::ProducerConfig,
    types::{
        AppendInput, AppendRecordBatch, ReadFrom, ReadInput, ReadLimits, ReadSessionConfig, ReadStart, ReadStop,
    },
};
use serde::Deserialize;

use crate::{
    Outcome,
    fixture::{Records, Shape},
    live::{slow_reader, tails},
    measure::{Meter, Round},
    open::{open_append, open_read},
    tally::Tally,
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
    /// Most batches in flight in an append session; 0 for no bound.
    pub inflight_batches: u32,
    /// Read sessions open at once in the work `tails`.
    pub tails: usize,
}

impl Job {
    pub fn as_string(&self) -> bool {
        self.format == "string"
    }
}

pub async fn perform(job: &Job, basin: &S2Basin) -> Outcome<Vec<Round>> {
    let stream = &basin.stream(job.stream.parse()?);
    let records = &Arc::new(Records::new(&job.shape));
    let mut rounds = Vec::new();
    for &count in &job.rounds {
        rounds.push(match job.work.as_str() {
            // The session has one way of taking batches.
            "append" | "append-writable" => append(job, stream, records, count).await?,
            "batch-transform" => batch_transform(job, stream, records, count).await?,
            "producer" => producer(job, stream, records, count).await?,
            "round-trip" => round_trip(job, stream, records, count).await?,
            "unary-append" => unary_append(job, stream, records, count).await?,
            "read" => read(job, stream, count).await?,
            "unary-read" => unary_read(job, stream, count).await?,
            "open-append" => open_append(job, stream, records, count).await?,
            "open-read" => open_read(job, stream, count).await?,
            "slow-reader" => slow_reader(job, stream, count).await?,
            "tails" => tails(job, basin, count).await?,
            other => return Err(format!("unknown work: {other}").into()),
        });
    }
    Ok(rounds)
}

pub fn batch(job: &Job, records: &Records, from: usize, until: usize) -> Outcome<AppendInput> {
    let list: Result<Vec<_>, _> =
        (from..until.min(from + job.shape.batch)).map(|i| records.append(i, job.as_string())).collect();
    Ok(AppendInput::new(AppendRecordBatch::try_from_iter(list?)?))
}

pub fn session_config(job: &Job) -> Outcome<AppendSessionConfig> {
    let config = AppendSessionConfig::new().with_max_unacked_bytes(job.inflight_bytes)?;
    Ok(match NonZeroU32::new(job.inflight_batches) {
        Some(most) => config.with_max_unacked_batches(most),
        None => config,
    })
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

/// Records one by one, gathered by the stream of batches that is there for it.
async fn batch_transform(job: &Job, stream: &S2Stream, records: &Arc<Records>, count: usize) -> Outcome<Round> {
    let meter = Meter::start();
    let session = stream.append_session(session_config(job)?);
    let (made, as_string) = (records.clone(), job.as_string());
    let one_by_one = iter(0..count).map(move |i| made.append(i, as_string).expect("a legal record"));
    let mut inputs = AppendInputs::new(AppendRecordBatches::from_stream(one_by_one, batching(job)?));
    let mut last = None;
    while let Some(input) = inputs.next().await {
        last = Some(session.submit(input?).await?);
    }
    session.close().await?;
    if let Some(ticket) = last {
        ticket.await?;
    }
    Ok(meter.stop(count))
}

fn batching(job: &Job) -> Outcome<BatchingConfig> {
    let limits = BatchLimits::default().with_max_batch_records(job.shape.batch)?;
    Ok(BatchingConfig::new().with_linger(Duration::from_millis(5)).with_limits(limits))
}

async fn producer(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let meter = Meter::start();
    let config =
        ProducerConfig::new().with_max_unacked_bytes(job.inflight_bytes)?.with_batching(batching(job)?);
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

/// From there on, without end if there is no count.
pub fn read_input(from: u64, count: Option<usize>) -> ReadInput {
    let input = ReadInput::new().with_start(ReadStart::new().with_from(ReadFrom::SeqNum(from)));
    match count {
        Some(count) => input.with_stop(ReadStop::new().with_limits(ReadLimits::new().with_count(count))),
        None => input,
    }
}

async fn read(job: &Job, stream: &S2Stream, count: usize) -> Outcome<Round> {
    let mut tally = Tally::new(job);
    let meter = Meter::start();
    let mut session = stream.read_session(read_input(job.start, Some(count)), ReadSessionConfig::new()).await?;
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
        let got = stream.read(read_input(job.start + tally.delivered.count, Some(wanted))).await?;
        for record in &got.records {
            tally.take(record)?;
        }
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Round { delivered: tally.finish(), latencies, ..meter.stop(count) })
}
