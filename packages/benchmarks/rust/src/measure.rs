//! What a round cost, read from the operating system.

use std::time::Instant;

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientResult {
    pub rounds: Vec<Round>,
    /// Bytes resident before the work.
    pub base_memory: u64,
    /// Most bytes resident at any time.
    pub peak_memory: u64,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Round {
    pub records: usize,
    pub cpu_micros: f64,
    pub wall_micros: f64,
    pub delivered: Delivered,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub latencies: Vec<f64>,
    /// Bytes that idle tails add, in the work `tails`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_memory: Option<u64>,
}

/// What was received, as far as the run checks it.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    pub count: u64,
    pub bytes: u64,
    pub seq_sum: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<u32>,
}

pub struct Meter {
    cpu: f64,
    started: Instant,
}

impl Meter {
    pub fn start() -> Self {
        Self { cpu: cpu_micros(), started: Instant::now() }
    }

    pub fn stop(self, records: usize) -> Round {
        Round {
            records,
            cpu_micros: cpu_micros() - self.cpu,
            wall_micros: self.started.elapsed().as_secs_f64() * 1e6,
            ..Round::default()
        }
    }
}

/// User and system time of the process so far.
fn cpu_micros() -> f64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let micros = |t: libc::timeval| t.tv_sec as f64 * 1e6 + t.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

/// A field of `/proc/self/status`, in bytes; 0 where there is none.
pub fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
