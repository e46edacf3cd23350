//! The stages of a boot, as the serial log shows them.

/// The marker of each stage, in order.
pub(crate) const STAGES: [&str; 9] = [
    "Stele booting...",
    "CPU initialized",
    "PMM initialized",
    "VMM initialized",
    "Heap initialized",
    "HAL initialized",
    "VM arbiter initialized",
    "VM[0] instantiated",
    "Entering VM arbiter loop...",
];

/// What follows the stages, before the prompt.
pub(crate) const BANNER: &str = "Stele VM v";

/// What the kernel says when it waits for the first line to be typed.
pub(crate) const WAITS: &str = "VM[0] waits for input";

/// The microseconds since entry at which the prompt was there, if `log` says so.
pub(crate) fn time_to_prompt(log: &str) -> Option<u64> {
    let line = log.lines().find(|line| line.contains(WAITS))?;
    microseconds(line, WAITS)
}

/// The last stage that `log` shows, and its number from 0.
pub(crate) fn last(log: &str) -> Option<(usize, &'static str)> {
    let reached = log.lines().rev().find_map(stage_of)?;
    STAGES.get(reached).map(|marker| (reached, *marker))
}

/// The microseconds since entry of every stage and of the banner, where all are there, once and in
/// order.
///
/// # Errors
/// Names the first marker that is missing, out of order, doubled, or without its time.
pub(crate) fn times(log: &str) -> Result<Vec<u64>, String> {
    let mut times: Vec<u64> = Vec::new();
    for line in log.lines() {
        let Some(stage) = stage_of(line) else {
            continue;
        };
        let marker = STAGES.get(stage).copied().unwrap_or_default();
        if stage != times.len() {
            let expected = STAGES.get(times.len()).copied().unwrap_or(BANNER);
            return Err(format!("`{marker}` came where `{expected}` was due"));
        }
        let time = microseconds(line, marker)
            .ok_or_else(|| format!("`{marker}` came without its microseconds: `{line}`"))?;
        if times.last().is_some_and(|&before| time < before) {
            return Err(format!("time ran backwards at `{line}`"));
        }
        times.push(time);
    }
    match STAGES.get(times.len()) {
        Some(missing) => Err(format!("`{missing}` never came")),
        None => Ok(times),
    }
}

/// The stage whose marker a line carries. One marker is the end of another, so longer ones win.
fn stage_of(line: &str) -> Option<usize> {
    let carried = STAGES
        .iter()
        .enumerate()
        .filter(|(_, marker)| line.contains(**marker));
    carried
        .max_by_key(|(_, marker)| marker.len())
        .map(|(stage, _)| stage)
}

/// The number on a marker's line that is not part of the marker.
fn microseconds(line: &str, marker: &str) -> Option<u64> {
    let rest = line.replacen(marker, " ", 1);
    let mut numbers = rest
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    numbers.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(stages: &[usize]) -> String {
        let line = |&stage: &usize| format!("{} {} us\n", STAGES[stage], 10 * (stage + 1));
        stages.iter().map(line).collect()
    }

    #[test]
    fn a_whole_boot_gives_its_times() {
        let said = format!(
            "BdsDxe: starting\n{}Stele VM v0.1.0\n",
            log(&[0, 1, 2, 3, 4, 5, 6, 7, 8])
        );
        assert_eq!(times(&said).unwrap(), [10, 20, 30, 40, 50, 60, 70, 80, 90]);
        assert_eq!(last(&said), Some((8, "Entering VM arbiter loop...")));
    }

    #[test]
    fn a_stage_left_out_doubled_or_out_of_order_is_named() {
        assert_eq!(
            times(&log(&[0, 1, 3])).unwrap_err(),
            "`VMM initialized` came where `PMM initialized` was due"
        );
        assert_eq!(
            times(&log(&[0, 0])).unwrap_err(),
            "`Stele booting...` came where `CPU initialized` was due"
        );
        assert_eq!(
            times(&log(&[0, 1])).unwrap_err(),
            "`PMM initialized` never came"
        );
        assert_eq!(times("").unwrap_err(), "`Stele booting...` never came");
        assert_eq!(
            times(&log(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 0])).unwrap_err(),
            "`Stele booting...` came where `Stele VM v` was due"
        );
    }

    #[test]
    fn a_marker_needs_a_time_that_does_not_run_backwards() {
        assert!(
            times("Stele booting...\n")
                .unwrap_err()
                .contains("without its microseconds")
        );
        let backwards = "[9 us] Stele booting...\n[8 us] CPU initialized\n";
        assert_eq!(
            times(backwards).unwrap_err(),
            "time ran backwards at `[8 us] CPU initialized`"
        );
    }

    #[test]
    fn the_number_in_a_marker_is_not_its_time() {
        assert_eq!(
            microseconds("VM[0] instantiated 77 us", "VM[0] instantiated"),
            Some(77)
        );
        assert_eq!(
            microseconds("[    5 us] VM[0] instantiated", "VM[0] instantiated"),
            Some(5)
        );
        assert_eq!(
            microseconds("VM[0] instantiated", "VM[0] instantiated"),
            None
        );
    }

    #[test]
    fn the_time_to_the_prompt_is_read() {
        let said = "ok\n[  24561 us] VM[0] waits for input\n";
        assert_eq!(time_to_prompt(said), Some(24561));
        assert_eq!(time_to_prompt("ok\n"), None);
    }

    #[test]
    fn a_log_without_stages_has_no_last_one() {
        assert_eq!(last("BdsDxe: loading\n"), None);
    }
}
