//! What Prometheus learns about the process itself, by the names that all its client libraries use.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

/// Looks at the process when it is asked; where the system does not tell, there is nothing.
#[derive(Debug)]
pub(super) struct Process;

#[cfg(not(target_os = "linux"))]
impl Collector for Process {
    fn encode(&self, _: DescriptorEncoder) -> fmt::Result {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
impl Collector for Process {
    // No process has lived for so many ticks that a float could not hold them.
    #[allow(clippy::cast_precision_loss)]
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        use super::single::gauge;
        use procfs::process::LimitValue;
        use prometheus_client::encoding::EncodeMetric as _;
        use prometheus_client::metrics::counter::ConstCounter;

        let Ok(process) = procfs::process::Process::myself() else {
            return Ok(());
        };
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        if let Ok(stat) = process.stat() {
            let ticks = procfs::ticks_per_second();
            let spent = ConstCounter::new((stat.utime + stat.stime) as f64 / ticks as f64);
            let name = "process_cpu_seconds";
            let help = "Time of processors that was spent";
            spent.encode(encoder.encode_descriptor(name, help, None, spent.metric_type())?)?;
            let begun = procfs::boot_time_secs().unwrap_or(0) + stat.starttime / ticks;
            for (name, help, value) in [
                (
                    "process_resident_memory_bytes",
                    "Memory in use",
                    stat.rss.saturating_mul(procfs::page_size()),
                ),
                (
                    "process_virtual_memory_bytes",
                    "Memory that is addressed",
                    stat.vsize,
                ),
                ("process_start_time_seconds", "When it was started", begun),
                (
                    "process_threads",
                    "Threads",
                    u64::try_from(stat.num_threads).unwrap_or(0),
                ),
            ] {
                gauge(&mut encoder, name, help, number(value))?;
            }
        }
        if let Ok(open) = process.fd_count() {
            let help = "Open files and connections";
            gauge(
                &mut encoder,
                "process_open_fds",
                help,
                i64::try_from(open).unwrap_or(0),
            )?;
        }
        if let Ok(limits) = process.limits()
            && let LimitValue::Value(most) = limits.max_open_files.soft_limit
        {
            let help = "Files and connections that can be open";
            gauge(&mut encoder, "process_max_fds", help, number(most))?;
        }
        Ok(())
    }
}
