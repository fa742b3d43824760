//! One client process of the benchmark on the Rust SDK. Takes the same job as the JavaScript clients (JSON, first
//! argument) and prints the same result (JSON, one line).

mod fixture;
mod live;
mod measure;
mod open;
mod tally;
mod work;

use std::{error::Error, time::Duration};

use measure::{ClientResult, memory};
use s2_sdk::{
    S2,
    types::{S2Config, S2Endpoints},
};
use work::Job;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let job: Job = serde_json::from_str(&std::env::args().nth(1).ok_or("a job, as JSON, is needed")?)?;
    // One thread does the work of one connection with the least CPU; more would only add hand-overs.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(run(job))?;
    println!("{}", serde_json::to_string(&result)?);
    Ok(())
}

async fn run(job: Job) -> Outcome<ClientResult> {
    let endpoints = S2Endpoints::for_endpoint(&job.endpoint)?;
    // So long that nothing is sent again because the machine was busy.
    let config = S2Config::new("ignored").with_endpoints(endpoints).with_request_timeout(Duration::from_secs(60));
    let s2 = S2::new(config)?;
    let basin = s2.basin(job.basin.parse()?);
    let base = memory("VmRSS");
    let rounds = work::perform(&job, &basin).await?;
    Ok(ClientResult { rounds, base_memory: base, peak_memory: memory("VmHWM") })
}
