//! Shapley values, exact: what each player adds to a coalition, averaged over every order in which they could join.

/// A coalition: a bit for each group that is *off* target, as it was measured.
pub(super) type Coalition = u32;

/// The Shapley value of each player; a player is one group or several that move together. `base` are groups that are
/// always in. The values add up to `worth(base and all players) − worth(base)`.
/// Errors: the first of `worth`.
pub(super) fn shapley<E>(
    base: Coalition,
    players: &[Coalition],
    worth: &mut dyn FnMut(Coalition) -> Result<f64, E>,
) -> Result<Vec<f64>, E> {
    let n = players.len();
    let joined = |set: usize| (0..n).filter(|i| set >> i & 1 == 1).fold(base, |all, i| all | players[i]);
    let worths = (0..1usize << n).map(|set| worth(joined(set))).collect::<Result<Vec<f64>, E>>()?;
    // |S|! (n − |S| − 1)! / n!, by the number of players in S before one joins.
    let weights: Vec<f64> = (0..n).map(|size| 1.0 / (n as f64 * choose(n - 1, size))).collect();
    let value = |i: usize| {
        let without = (0..worths.len()).filter(|set| set >> i & 1 == 0);
        without.map(|set| weights[set.count_ones() as usize] * (worths[set | 1 << i] - worths[set])).sum()
    };
    Ok((0..n).map(value).collect())
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn values(base: Coalition, players: &[Coalition], worth: impl Fn(Coalition) -> f64) -> Vec<f64> {
        shapley::<Infallible>(base, players, &mut |c| Ok(worth(c))).unwrap()
    }

    #[test]
    fn a_sum_gives_each_its_own_and_a_product_is_shared() {
        let on = |c: Coalition, bit: u32| f64::from(c >> bit & 1);
        let sum = values(0, &[1, 2, 4], |c| 3.0 * on(c, 0) - on(c, 1));
        assert!(sum.iter().zip([3.0, -1.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{sum:?}");
        let product = values(0, &[1, 2], |c| 6.0 * on(c, 0) * on(c, 1) + on(c, 1));
        assert_eq!(product, [3.0, 4.0]);
        // A glove game: the one left glove against two right ones.
        let gloves = values(0, &[1, 2, 4], |c| on(c, 0) * (on(c, 1) + on(c, 2)).min(1.0));
        assert!(gloves.iter().zip([4.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{gloves:?}");
    }

    #[test]
    fn groups_that_move_together_are_one_player_and_the_base_is_always_in() {
        let worth = |c: Coalition| f64::from(c.count_ones()).powi(2);
        let values = values(8, &[1, 6], worth);
        assert!((values.iter().sum::<f64>() - 15.0).abs() < 1e-12);
        assert!(values[1] > values[0]);
    }
}
