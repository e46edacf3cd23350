//! The result of a comparison, for people and for programs.

use std::fmt::Write;

use super::stats;

/// How one program did on both sides; seconds without start-up.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The program's name.
    pub(super) name: String,
    /// Our times, one per run.
    pub(super) ours: Vec<f64>,
    /// The peer's times, in the same order.
    pub(super) peers: Vec<f64>,
}

impl Row {
    /// Our median over the peer's: below 1 we are faster.
    pub(super) fn ratio(&self) -> f64 {
        stats::median(&self.ours) / stats::median(&self.peers)
    }

    /// The least and greatest ratio of two runs made one after the other.
    fn spread(&self) -> (f64, f64) {
        let pairs = self.ours.iter().zip(&self.peers);
        let ratios: Vec<f64> = pairs.map(|(ours, peers)| ours / peers).collect();
        stats::range(&ratios)
    }
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The peer's name and version.
    pub(super) peer: String,
    /// Seconds that starting and ending takes us, already subtracted.
    pub(super) our_start: f64,
    /// Seconds that starting and ending takes the peer, already subtracted.
    pub(super) peer_start: f64,
    /// The programs.
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// The geometric mean of the ratios.
    fn mean(&self) -> f64 {
        let ratios: Vec<f64> = self.rows.iter().map(Row::ratio).collect();
        stats::geometric_mean(&ratios)
    }

    /// A table in Markdown, which reads well on a terminal too.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!(
            "| program     | stele, s | {0:>12} | ratio | least to most |\n\
             |-------------|---------:|-------------:|------:|--------------:|\n",
            "peer, s"
        );
        for row in &self.rows {
            let (least, most) = row.spread();
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {:<11} | {:>8.3} | {:>12.3} | {:>5.2} | {:>13} |",
                row.name,
                stats::median(&row.ours),
                stats::median(&row.peers),
                row.ratio(),
                format!("{least:.2} to {most:.2}"),
            );
        }
        let _ = write!(
            text,
            "\nGeometric mean of the ratios: {:.3} (below 1, stele is faster).\n\
             Peer: {}. Medians of {} runs, alternating; start-up subtracted: stele {:.1} ms, peer {:.1} ms.\n",
            self.mean(),
            self.peer,
            self.rows.first().map_or(0, |row| row.ours.len()),
            1000.0 * self.our_start,
            1000.0 * self.peer_start,
        );
        text
    }

    /// All numbers as JSON.
    pub(super) fn json(&self) -> String {
        let row = |row: &Row| {
            let (least, most) = row.spread();
            serde_json::json!({
                "program": row.name,
                "stele_seconds": row.ours,
                "peer_seconds": row.peers,
                "ratio": row.ratio(),
                "ratio_least": least,
                "ratio_most": most,
            })
        };
        let rows: Vec<serde_json::Value> = self.rows.iter().map(row).collect();
        let table = serde_json::json!({
            "peer": self.peer,
            "stele_start_seconds": self.our_start,
            "peer_start_seconds": self.peer_start,
            "programs": rows,
            "geometric_mean_of_ratios": self.mean(),
        });
        format!("{table:#}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            peer: "gforth 0.7.3".to_owned(),
            our_start: 0.002,
            peer_start: 0.005,
            rows: vec![Row {
                name: "fib".to_owned(),
                ours: vec![0.4, 0.5, 0.6],
                peers: vec![1.0, 1.0, 1.0],
            }],
        }
    }

    #[test]
    fn ratios_are_of_medians_and_spread_of_pairs() {
        let shown = table().markdown();
        assert!(
            shown.contains("| fib         |    0.500 |        1.000 |  0.50 |  0.40 to 0.60 |"),
            "{shown}"
        );
        assert!(shown.contains("ratios: 0.500"), "{shown}");
    }

    #[test]
    fn the_json_form_holds_every_run() {
        let value: serde_json::Value = serde_json::from_str(&table().json()).unwrap();
        assert_eq!(
            value["programs"][0]["stele_seconds"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        assert_eq!(value["peer"], "gforth 0.7.3");
    }
}
