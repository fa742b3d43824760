//! Drives a server with the Rust SDK of the service, as its documentation shows, and prints what came of it: a line for
//! each thing that was seen. Where the server is says the environment, as for every program on that SDK.

use std::{error::Error, io::Write, time::Duration};

use futures_util::{StreamExt, TryStreamExt};
use s2_sdk::{
    S2, S2Stream,
    append_session::AppendSessionConfig,
    producer::ProducerConfig,
    types::*,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let s2 = client(&std::env::var("S2_ACCESS_TOKEN")?)?;
    match words.as_slice() {
        ["manage", basin, stream] => manage(&s2, basin, stream).await,
        ["write", basin, stream, bodies @ ..] => write(&stream_of(&s2, basin, stream)?, bodies).await,
        ["read", basin, stream, count] => read(&stream_of(&s2, basin, stream)?, count.parse()?).await,
        ["follow", basin, stream, count] => follow(&stream_of(&s2, basin, stream)?, count.parse()?).await,
        ["command", basin, stream] => command(&stream_of(&s2, basin, stream)?).await,
        ["tokens", basin, stream] => tokens(&s2, basin, stream).await,
        ["metrics", basin, stream] => metrics(&s2, basin, stream).await,
        ["remove", basin, stream] => remove(&s2, basin, stream).await,
        _ => Err(format!("no such work: {words:?}").into()),
    }
}

fn client(token: &str) -> Outcome<S2> {
    Ok(S2::new(S2Config::new(token).with_endpoints(S2Endpoints::from_env()?))?)
}

fn stream_of(s2: &S2, basin: &str, stream: &str) -> Outcome<S2Stream> {
    Ok(s2.basin(basin.parse()?).stream(stream.parse()?))
}

/// Told at once: somebody waits for it.
fn tell(line: impl AsRef<str>) {
    println!("{}", line.as_ref());
    let _ = std::io::stdout().flush();
}

async fn manage(s2: &S2, basin: &str, stream: &str) -> Outcome<()> {
    s2.create_basin(CreateBasinInput::new(basin.parse()?)).await?;
    let names: Vec<String> =
        s2.list_all_basins(ListAllBasinsInput::new()).map_ok(|info| info.name.to_string()).try_collect().await?;
    tell(format!("basins {}", names.join(" ")));
    let handle = s2.basin(basin.parse()?);
    let timestamping = TimestampingConfig::new().with_mode(TimestampingMode::Arrival);
    let config = StreamConfig::new().with_timestamping(timestamping);
    handle.create_stream(CreateStreamInput::new(stream.parse()?).with_config(config)).await?;
    let retention = StreamReconfiguration::new().with_retention_policy(RetentionPolicy::Age(86_400));
    let changed = handle.reconfigure_stream(ReconfigureStreamInput::new(stream.parse()?, retention)).await?;
    tell(format!("retention {:?}", changed.retention_policy));
    let config = handle.get_stream_config(stream.parse()?).await?;
    tell(format!("timestamping {:?}", config.timestamping.and_then(|t| t.mode)));
    let again = handle.create_stream(CreateStreamInput::new(stream.parse()?)).await;
    tell(format!("again {}", again.is_err()));
    let streams: Vec<String> =
        handle.list_all_streams(ListAllStreamsInput::new()).map_ok(|info| info.name.to_string()).try_collect().await?;
    tell(format!("streams {}", streams.join(" ")));
    Ok(())
}

fn input(bodies: &[&str]) -> Outcome<AppendInput> {
    let records: Result<Vec<_>, _> = bodies.iter().map(|body| AppendRecord::new(body.to_string())).collect();
    Ok(AppendInput::new(AppendRecordBatch::try_from_iter(records?)?))
}

/// The first body by a call, the second in a session, the rest through a producer; with a header each.
async fn write(stream: &S2Stream, bodies: &[&str]) -> Outcome<()> {
    let (first, rest) = bodies.split_first().ok_or("no bodies")?;
    let (second, others) = rest.split_first().ok_or("two bodies are needed")?;
    let ack = stream.append(input(&[first])?).await?;
    tell(format!("call {}..{}", ack.start.seq_num, ack.end.seq_num));
    let session = stream.append_session(AppendSessionConfig::new());
    let record = AppendRecord::new(second.to_string())?.with_headers([Header::new("from", "rust")])?;
    let batch = AppendInput::new(AppendRecordBatch::try_from_iter([record])?).with_match_seq_num(ack.end.seq_num);
    let acked = session.submit(batch).await?.await?;
    session.close().await?;
    tell(format!("session {}..{}", acked.start.seq_num, acked.end.seq_num));
    let producer = stream.producer(ProducerConfig::new());
    let mut tickets = Vec::new();
    for body in others {
        tickets.push(producer.submit(AppendRecord::new(body.to_string())?).await?);
    }
    producer.flush().await?;
    for ticket in tickets {
        tell(format!("producer {}", ticket.await?.seq_num));
    }
    producer.close().await?;
    tell(format!("tail {}", stream.check_tail().await?.seq_num));
    let mismatch = stream.append(input(&["never"])?.with_match_seq_num(0)).await;
    tell(format!("mismatch {}", mismatch.is_err()));
    Ok(())
}

fn tell_record(how: &str, record: &SequencedRecord) {
    let headers: Vec<String> = record
        .headers
        .iter()
        .map(|h| format!("{}={}", String::from_utf8_lossy(&h.name), String::from_utf8_lossy(&h.value)))
        .collect();
    tell(format!("{how} {} {} [{}]", record.seq_num, String::from_utf8_lossy(&record.body), headers.join(",")));
}

fn from_start(count: usize) -> ReadInput {
    ReadInput::new()
        .with_start(ReadStart::new().with_from(ReadFrom::SeqNum(0)))
        .with_stop(ReadStop::new().with_limits(ReadLimits::new().with_count(count)))
}

async fn read(stream: &S2Stream, count: usize) -> Outcome<()> {
    for record in &stream.read(from_start(count)).await?.records {
        tell_record("call", record);
    }
    let mut session = stream.read_session(from_start(count), ReadSessionConfig::new()).await?;
    while let Some(batch) = session.next().await {
        for record in &batch?.records {
            tell_record("session", record);
        }
    }
    Ok(())
}

/// Says when it follows, then what comes.
async fn follow(stream: &S2Stream, count: usize) -> Outcome<()> {
    let tail = ReadInput::new().with_start(ReadStart::new().with_from(ReadFrom::TailOffset(0)));
    let mut session = stream.read_session(tail, ReadSessionConfig::new()).await?;
    let mut caught_up = session.caught_up();
    let mut seen = 0;
    let mut is_following = false;
    while seen < count {
        tokio::select! {
            tail = &mut caught_up, if !is_following => {
                is_following = true;
                tell(format!("following {}", tail?.seq_num));
            }
            batch = session.next() => {
                for record in &batch.ok_or("the session has ended")??.records {
                    tell_record("live", record);
                    seen += 1;
                }
            }
            () = tokio::time::sleep(Duration::from_secs(20)) => return Err("nothing came".into()),
        }
    }
    Ok(())
}

/// Fences, is refused with another token, and trims.
async fn command(stream: &S2Stream) -> Outcome<()> {
    let fence: AppendRecord = CommandRecord::fence("mine".parse()?).into();
    stream.append(AppendInput::new(AppendRecordBatch::try_from_iter([fence])?)).await?;
    let other = stream.append(input(&["never"])?.with_fencing_token("theirs".parse()?)).await;
    tell(format!("fenced {}", other.is_err()));
    let trim: AppendRecord = CommandRecord::trim(1).into();
    let ack = stream.append(AppendInput::new(AppendRecordBatch::try_from_iter([trim])?)).await?;
    tell(format!("trimmed {}", ack.end.seq_num));
    for record in &stream.read(from_start(1)).await?.records {
        tell_record("first", record);
    }
    Ok(())
}

async fn tokens(s2: &S2, basin: &str, stream: &str) -> Outcome<()> {
    let scope = AccessTokenScopeInput::from_ops([Operation::Read, Operation::CheckTail])
        .with_basins(BasinMatcher::Exact(basin.parse()?))
        .with_streams(StreamMatcher::Prefix(stream.parse()?));
    let secret = s2.issue_access_token(IssueAccessTokenInput::new("rust-reader".parse()?, scope)).await?;
    let listed: Vec<String> = s2
        .list_all_access_tokens(ListAllAccessTokensInput::new())
        .map_ok(|info| info.id.to_string())
        .try_collect()
        .await?;
    tell(format!("tokens {}", listed.join(" ")));
    let reader = stream_of(&client(&secret)?, basin, stream)?;
    tell(format!("reads {}", reader.check_tail().await.is_ok()));
    tell(format!("appends {}", reader.append(input(&["never"])?).await.is_ok()));
    s2.revoke_access_token("rust-reader".parse()?).await?;
    tell(format!("revoked {}", reader.check_tail().await.is_err()));
    Ok(())
}

async fn metrics(s2: &S2, basin: &str, stream: &str) -> Outcome<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() as u32;
    let range = TimeRange::new(now - 3600, now + 60);
    let account = s2.get_account_metrics(GetAccountMetricsInput::new(AccountMetricSet::ActiveBasins(range))).await?;
    tell(format!("account {account:?}"));
    let ops = BasinMetricSet::AppendOps(TimeRangeAndInterval::new(now - 3600, now + 60));
    let of_basin = s2.get_basin_metrics(GetBasinMetricsInput::new(basin.parse()?, ops)).await?;
    tell(format!("basin {of_basin:?}"));
    let storage = StreamMetricSet::Storage(range);
    let of_stream = s2.get_stream_metrics(GetStreamMetricsInput::new(basin.parse()?, stream.parse()?, storage)).await?;
    tell(format!("stream {of_stream:?}"));
    let locations: Vec<String> = s2.list_locations().await?.iter().map(|info| format!("{info:?}")).collect();
    tell(format!("locations {}", locations.join(" ")));
    Ok(())
}

async fn remove(s2: &S2, basin: &str, stream: &str) -> Outcome<()> {
    s2.basin(basin.parse()?).delete_stream(DeleteStreamInput::new(stream.parse()?)).await?;
    tell(format!("gone {}", stream_of(s2, basin, stream)?.check_tail().await.is_err()));
    s2.delete_basin(DeleteBasinInput::new(basin.parse()?)).await?;
    Ok(())
}
