//! What this machine can do at best with the pages of a folder: the yardstick for how fast chathub is.
//!
//! ```sh
//! cargo run --release -p chathub-bench --bin limits -- FOLDER [RUNS]
//! ```
//!
//! Prints the median seconds of several runs, the seconds that all cores together spent, and MB/s of page content, for
//! listing the folder, for listing it and
//! asking for each page's metadata, for reading all pages, for reading all files, and for reading each page, writing it to a temporary
//! file beside it and renaming that over it (the pages stay as they are). The last three are given the list of files beforehand
//! and work on all cores.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use walkdir::WalkDir;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().ok_or("usage: limits FOLDER [RUNS]")?;
    let folder = Path::new(&folder);
    let runs = match arguments.next() {
        Some(runs) => runs.to_string_lossy().parse::<usize>()?.max(1),
        None => 5,
    };
    let pages = files(folder, is_page, false)?;
    let all = files(folder, |_| true, false)?;
    // Also brings everything into the page cache, so that the first measured run is like the others.
    let bytes = read(&pages)?;
    let all_bytes = read(&all)?;
    println!(
        "{} pages, {bytes} bytes, {} files, {all_bytes} bytes",
        pages.len(),
        all.len()
    );
    let report = |name: &str, bytes: u64, (seconds, spent): (Duration, Duration)| {
        let (seconds, spent) = (seconds.as_secs_f64(), spent.as_secs_f64());
        // Nobody has so many bytes that a float could not hold them.
        #[allow(clippy::cast_precision_loss)]
        let speed = bytes as f64 / 1e6 / seconds;
        println!("{name:<18} {seconds:>9.4} s {spent:>9.4} s of CPU {speed:>9.0} MB/s");
    };
    let seconds = median(runs, || files(folder, is_page, false).map(drop))?;
    report("walk", bytes, seconds);
    let seconds = median(runs, || files(folder, is_page, true).map(drop))?;
    report("walk+stat", bytes, seconds);
    report("read", bytes, median(runs, || read(&pages).map(drop))?);
    report(
        "read-all",
        all_bytes,
        median(runs, || read(&all).map(drop))?,
    );
    let seconds = median(runs, || rewrite(&pages))?;
    report("read+write+rename", bytes, seconds);
    Ok(())
}

/// Whether a file is a page, by its name.
fn is_page(file: &Path) -> bool {
    let extension = file.extension();
    extension.is_some_and(|e| e == "html" || e == "htm" || e == "xhtml")
}

/// The files below a folder that are wanted; with `stat`, each one's metadata is asked for.
fn files(folder: &Path, is_wanted: impl Fn(&Path) -> bool, stat: bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if !is_wanted(entry.path()) || !entry.file_type().is_file() {
            continue;
        }
        if stat {
            std::hint::black_box(entry.metadata()?);
        }
        files.push(entry.into_path());
    }
    Ok(files)
}

/// Reads all files; how many bytes that was.
fn read(files: &[PathBuf]) -> Result<u64> {
    let read = |file: &PathBuf| -> Result<u64> { Ok(content(file)?.len() as u64) };
    files
        .par_iter()
        .map(read)
        .try_reduce(|| 0, |a, b| Ok(a + b))
}

/// A file's content, in as few calls as it takes.
fn content(file: &Path) -> Result<Vec<u8>> {
    let mut file = File::open(file)?;
    let length = usize::try_from(file.metadata()?.len())?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Replaces each page by a copy of itself.
fn rewrite(pages: &[PathBuf]) -> Result<()> {
    let number = AtomicU64::new(0);
    pages.par_iter().try_for_each(|page| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let temporary = page.with_file_name(format!(".limits-{number}.tmp"));
        let bytes = content(page)?;
        File::create_new(&temporary)?.write_all(&bytes)?;
        Ok(fs::rename(&temporary, page)?)
    })
}

/// The medians of the time that some work takes and that all cores together spend on it.
fn median(runs: usize, mut work: impl FnMut() -> Result<()>) -> Result<(Duration, Duration)> {
    let (mut times, mut spent) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for _ in 0..runs {
        let (start, cpu) = (Instant::now(), cpu()?);
        work()?;
        times.push(start.elapsed());
        spent.push(self::cpu()?.saturating_sub(cpu));
    }
    times.sort();
    spent.sort();
    Ok((times[runs / 2], spent[runs / 2]))
}

/// What this process has spent so far.
#[cfg(unix)]
fn cpu() -> Result<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Ok(Duration::try_from(spent)?)
}

#[cfg(not(unix))]
fn cpu() -> Result<Duration> {
    Err("there is no clock for that on this system".into())
}
