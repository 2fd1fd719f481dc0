//! Which share of the rows a process does: every `of`th, beginning with `index`.

use crate::error::Error;

/// A share of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 0.
    pub index: u64,
    /// Of how many.
    pub of: u64,
}

/// Where schedulers tell a task of an array its number: Slurm, Kubernetes (Indexed Job), AWS Batch.
const NUMBERS: [&str; 3] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"];
/// The number that a Slurm array begins with.
const FIRST: &str = "SLURM_ARRAY_TASK_MIN";

impl Shard {
    /// All rows.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Reads `I/N`, I from 0 to N − 1; or `N`, with I from the scheduler's variable in `environment`. Errors: neither; I is
    /// not under N.
    pub fn read(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let hint = "give I/N with I from 0 to N-1, or N alone in an array of Slurm, Kubernetes or AWS Batch, numbered from 0";
        let wrong = |what: String| Error::asked(what, hint);
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong(format!("--shard {text}: expected a number")));
        let (index, of) = match text.split_once('/') {
            Some((index, of)) => (number(index)?, number(of)?),
            None => {
                let told = NUMBERS.iter().find_map(|name| Some((*name, environment(name)?)));
                let (name, index) =
                    told.ok_or_else(|| wrong(format!("--shard {text}: none of {} is set", NUMBERS.join(", "))))?;
                // A Slurm array may begin anywhere; its shares begin with 0.
                let first = environment(FIRST).filter(|_| name == NUMBERS[0]).map_or(Ok(0), |first| number(&first))?;
                (number(&index)?.saturating_sub(first), number(text)?)
            }
        };
        if index >= of {
            return Err(wrong(format!("--shard {text}: share {index} of {of}")));
        }
        Ok(Self { index, of })
    }

    /// Whether a row, counted from 1, is in this share.
    pub fn holds(self, row: u64) -> bool {
        (row - 1) % self.of == self.index
    }

    /// `I-of-N`, for names of files; none for all rows.
    pub fn name(self) -> Option<String> {
        (self.of > 1).then(|| format!("{}-of-{}", self.index, self.of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_or_found_and_every_row_is_in_one() {
        let none = |_: &str| None;
        assert_eq!(Shard::read("2/5", none).unwrap(), Shard { index: 2, of: 5 });
        for (name, value, index) in
            [("SLURM_ARRAY_TASK_ID", "3", 3), ("JOB_COMPLETION_INDEX", "0", 0), ("AWS_BATCH_JOB_ARRAY_INDEX", "4", 4)]
        {
            let environment = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(Shard::read("5", environment).unwrap(), Shard { index, of: 5 });
        }
        let from_one = |name: &str| match name {
            "SLURM_ARRAY_TASK_ID" => Some("5".to_owned()),
            "SLURM_ARRAY_TASK_MIN" => Some("1".to_owned()),
            _ => None,
        };
        assert_eq!(Shard::read("5", from_one).unwrap(), Shard { index: 4, of: 5 });
        for wrong in ["5/5", "a/5", "1/0", "0", "5", ""] {
            assert_eq!(Shard::read(wrong, none).unwrap_err().exit_code(), 2, "{wrong}");
        }
        for row in 1..20 {
            assert_eq!((0..5).filter(|index| Shard { index: *index, of: 5 }.holds(row)).count(), 1);
        }
    }
}
