//! Sessions opened for one record each, and closed.

use std::time::Instant;

use futures_util::StreamExt;
use s2_sdk::{S2Stream, types::ReadSessionConfig};

use crate::{
    Outcome,
    fixture::Records,
    measure::{Meter, Round},
    work::{Job, batch, read_input, session_config},
};

/// Opens an append session, has one batch acknowledged and closes it, so many times.
pub async fn open_append(job: &Job, stream: &S2Stream, records: &Records, count: usize) -> Outcome<Round> {
    let mut latencies = Vec::with_capacity(count);
    let meter = Meter::start();
    for index in 0..count {
        let started = Instant::now();
        let session = stream.append_session(session_config(job)?);
        session.submit(batch(job, records, index, index + 1)?).await?.await?;
        session.close().await?;
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Round { latencies, ..meter.stop(count) })
}

/// Opens a read session of one record and reads it to its end, so many times.
pub async fn open_read(job: &Job, stream: &S2Stream, count: usize) -> Outcome<Round> {
    let mut latencies = Vec::with_capacity(count);
    let meter = Meter::start();
    for _ in 0..count {
        let started = Instant::now();
        let mut session = stream.read_session(read_input(job.start, Some(1)), ReadSessionConfig::new()).await?;
        let mut length = 0;
        while let Some(batch) = session.next().await {
            length += batch?.records.iter().map(|record| record.body.len()).sum::<usize>();
        }
        if length != job.shape.size {
            return Err("the record did not come".into());
        }
        latencies.push(started.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Round { latencies, ..meter.stop(count) })
}
