//! The table: medians, ratios, spread, and the bar beside them.

use crate::Failure;

/// One side of a line: what makes one run of it, and gives its nanoseconds for each operation.
pub(crate) type Run<'a> = Box<dyn FnMut() -> Result<f64, Failure> + 'a>;

/// Prints lines as they are measured, and at the end how many hold.
pub(crate) struct Report {
    runs: u32,
    filter: Option<String>,
    held: u32,
    missed: Vec<String>,
}

impl Report {
    pub(crate) fn new(runs: u32, filter: Option<&str>) -> Report {
        println!(
            "| {:<38} | {:>9} | {:<8} {:>9} | {:>5} | {:>13} | {:>5} |       |",
            "operation, ns each", "stele", "peer", "", "ratio", "least to most", "bar"
        );
        println!(
            "|{:-<40}|{:->10}:|{:-<20}|{:->6}:|{:->14}:|{:->6}:|-------|",
            "", "", "", "", "", ""
        );
        Report {
            runs,
            filter: filter.map(str::to_owned),
            held: 0,
            missed: Vec::new(),
        }
    }

    /// Whether a line is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.filter
            .as_deref()
            .is_none_or(|filter| name.contains(filter))
    }

    /// Measures both sides in turn and prints a line for each peer; `bar` is the ratio not to exceed.
    pub(crate) fn compare(
        &mut self,
        name: &str,
        bar: f64,
        mut ours: Run<'_>,
        peers: Vec<(&str, Run<'_>)>,
    ) -> Result<(), Failure> {
        if !self.wants(name) {
            return Ok(());
        }
        let (names, mut peers): (Vec<_>, Vec<_>) = peers.into_iter().unzip();
        let mut our_times = Vec::new();
        let mut peer_times = vec![Vec::new(); peers.len()];
        for _ in 0..self.runs {
            our_times.push(ours()?);
            for (times, peer) in peer_times.iter_mut().zip(&mut peers) {
                times.push(peer()?);
            }
        }
        for (peer, times) in names.into_iter().zip(&peer_times) {
            let ratio = median(&our_times) / median(times);
            let ratios: Vec<f64> = our_times.iter().zip(times).map(|(a, b)| a / b).collect();
            let verdict = self.judge(name, ratio <= bar);
            println!(
                "| {name:<38} | {:>9.1} | {peer:<8} {:>9.1} | {ratio:>5.2} | {:>13} | {bar:>5.2} | {verdict} |",
                median(&our_times),
                median(times),
                spread(&ratios),
            );
        }
        Ok(())
    }

    /// Measures one side alone and prints it beside a bar in its own unit.
    pub(crate) fn alone(&mut self, name: &str, bar: f64, mut ours: Run<'_>) -> Result<(), Failure> {
        if !self.wants(name) {
            return Ok(());
        }
        let times = (0..self.runs)
            .map(|_| ours())
            .collect::<Result<Vec<f64>, Failure>>()?;
        let middle = median(&times);
        let verdict = self.judge(name, middle <= bar);
        println!(
            "| {name:<38} | {middle:>9.1} | {:<18} | {:>5} | {:>13} | {bar:>5.1} | {verdict} |",
            "",
            "",
            spread(&times),
        );
        Ok(())
    }

    fn judge(&mut self, name: &str, holds: bool) -> &'static str {
        if holds {
            self.held += 1;
            "holds"
        } else {
            self.missed.push(name.to_owned());
            "MISS "
        }
    }

    pub(crate) fn finish(self) {
        println!(
            "\nMedians of {} runs, sides alternating, processor time; {} lines hold, {} do not.",
            self.runs,
            self.held,
            self.missed.len()
        );
        for name in self.missed {
            println!("does not hold: {name}");
        }
    }
}

/// The middle of the sorted values, or the mean of the two in the middle.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{least:.2} to {most:.2}")
}
