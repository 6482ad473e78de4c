//! A list of checks: all are run, and a table at the end says how each went.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How a check ended.
pub enum Outcome {
    /// So many things were checked and are right.
    Passed(usize),
    /// So many are right and so many wrong.
    Mixed(usize, usize),
    /// It could not run here, and why.
    Skipped(String),
}

/// Turns sentences about offences into an outcome, and shows them.
pub fn outcome_of(problems: &[String]) -> Outcome {
    if problems.is_empty() {
        return Outcome::Passed(1);
    }
    for problem in problems {
        println!("{problem}");
    }
    Outcome::Mixed(0, problems.len())
}

/// One line of the table.
struct Row {
    name: &'static str,
    result: String,
    took: Duration,
}

/// Runs checks one after the other and remembers how they went.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    passed: usize,
    failed: usize,
}

impl Report {
    /// Runs one check. An error counts as one failure; the next check runs in any case.
    pub fn step(&mut self, name: &'static str, check: impl FnOnce() -> Result<Outcome>) {
        println!("\n== {name} ==");
        let start = Instant::now();
        let result = check();
        let took = start.elapsed();
        let result = match result {
            Ok(Outcome::Passed(count)) => {
                self.passed += count;
                if count == 1 {
                    "passed".to_owned()
                } else {
                    format!("{count} passed")
                }
            }
            Ok(Outcome::Mixed(passed, failed)) => {
                self.passed += passed;
                self.failed += failed;
                if passed == 0 {
                    format!("{failed} FAILED")
                } else {
                    format!("{passed} passed, {failed} FAILED")
                }
            }
            Ok(Outcome::Skipped(reason)) => {
                println!("skipped: {reason}");
                format!("skipped: {reason}")
            }
            Err(error) => {
                println!("{error:#}");
                self.failed += 1;
                "FAILED".to_owned()
            }
        };
        self.rows.push(Row { name, result, took });
    }

    /// Prints the table and the closing line. Returns whether nothing failed.
    pub fn finish(self) -> bool {
        let width = self
            .rows
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or(0)
            .max(4);
        println!("\n{:width$}  {:>8}  result", "step", "seconds");
        for row in &self.rows {
            println!(
                "{:width$}  {:>8.1}  {}",
                row.name,
                row.took.as_secs_f64(),
                row.result
            );
        }
        println!("\n{} passed, {} failed", self.passed, self.failed);
        self.failed == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stops_nothing_and_is_counted() {
        let mut report = Report::default();
        let mut ran = false;
        report.step("first", || anyhow::bail!("broken"));
        report.step("second", || {
            ran = true;
            Ok(Outcome::Mixed(3, 2))
        });
        report.step("third", || Ok(Outcome::Skipped("not here".into())));
        assert!(ran);
        assert_eq!((report.passed, report.failed), (3, 3));
        assert!(!report.finish());
    }
}
