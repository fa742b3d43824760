//! Readers that are left open: many tails of one client, and one that stops reading.

use std::time::Duration;

use futures_util::StreamExt;
use s2_sdk::{S2Basin, S2Stream, read_session::ReadSession, types::ReadSessionConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::sleep,
};

use crate::{
    Outcome,
    measure::{Delivered, Meter, Round, memory},
    tally::Tally,
    work::{Job, read_input},
};

/// As long as the JavaScript clients wait for their collections.
const SETTLING: Duration = Duration::from_millis(200);
const SLOW_READER_PAUSE: Duration = Duration::from_millis(1500);

/// Opens the tails, notes what they add to the memory, then lets each get its share of the round's records. What is
/// measured is the live part.
pub async fn tails(job: &Job, basin: &S2Basin, count: usize) -> Outcome<Round> {
    let before = settled_memory().await;
    let share = (count / job.tails) as u64;
    let mut tails = Vec::with_capacity(job.tails);
    for index in 0..job.tails {
        let stream = basin.stream(format!("{}.tail{index}", job.stream).parse()?);
        let session = stream.read_session(read_input(job.start, None), ReadSessionConfig::new()).await?;
        tails.push(tokio::spawn(follow(session, Tally::new(job), share)));
    }
    let idle_memory = settled_memory().await.saturating_sub(before);
    let meter = Meter::start();
    publish(job, count / job.tails / job.shape.batch).await?;
    let mut open = Vec::with_capacity(job.tails);
    for tail in tails {
        open.push(joined(tail).await?);
    }
    let round = meter.stop(count);
    let (_sessions, tallies): (Vec<_>, Vec<_>) = open.into_iter().unzip();
    Ok(Round { delivered: together(tallies), idle_memory: Some(idle_memory), ..round })
}

/// Reads until the share has come; gives the session back, so that closing it is not part of what is measured.
async fn follow(mut session: ReadSession, mut tally: Tally, share: u64) -> Outcome<(ReadSession, Tally)> {
    while tally.delivered.count < share {
        let batch = session.next().await.ok_or("a tail ended")??;
        for record in &batch.records {
            tally.take(record)?;
        }
    }
    Ok((session, tally))
}

async fn joined<T>(task: JoinHandle<Outcome<T>>) -> Outcome<T> {
    task.await?
}

/// The sums over all tails; the checksum only if it is the same for each, as it has to be.
fn together(tallies: Vec<Tally>) -> Delivered {
    let each: Vec<_> = tallies.into_iter().map(Tally::finish).collect();
    let digest = each.first().and_then(|first| first.digest);
    Delivered {
        count: each.iter().map(|one| one.count).sum(),
        bytes: each.iter().map(|one| one.bytes).sum(),
        seq_sum: each.iter().map(|one| one.seq_sum).sum(),
        digest: digest.filter(|_| each.iter().all(|one| one.digest == digest)),
    }
}

/// Makes the minimal server give every open tail so many batches.
async fn publish(job: &Job, batches: usize) -> Outcome<()> {
    let address = job.endpoint.strip_prefix("http://").ok_or("the minimal server has no TLS")?;
    let target = format!("/publish?stream={}&start={}&batches={batches}", job.stream, job.start);
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 204") { Ok(()) } else { Err(format!("publish: {answer}").into()) }
}

/// Reads the first batch of an endless stream and then does nothing for a while.
pub async fn slow_reader(job: &Job, stream: &S2Stream, count: usize) -> Outcome<Round> {
    let meter = Meter::start();
    let mut session = stream.read_session(read_input(job.start, None), ReadSessionConfig::new()).await?;
    let batch = session.next().await.ok_or("the record did not come")??;
    let first = batch.records.first().ok_or("the record did not come")?;
    if first.seq_num != job.start || first.body.len() != job.shape.size {
        return Err("another record came than the first".into());
    }
    sleep(SLOW_READER_PAUSE).await;
    drop(session);
    Ok(meter.stop(count))
}

async fn settled_memory() -> u64 {
    sleep(SETTLING).await;
    memory("VmRSS")
}
