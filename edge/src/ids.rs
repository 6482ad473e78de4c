//! The numbers by which hosts know parameters.

/// Numbers of all parameters, for look-ups on any thread.
#[derive(Debug, Default)]
pub(crate) struct Ids(Vec<(u32, usize)>);

impl Ids {
    /// From the number of each parameter, in nice-plug's order.
    pub(crate) fn new(numbers: impl Iterator<Item = Option<u32>>) -> Self {
        let places = numbers.enumerate();
        let known = places.filter_map(|(position, number)| Some((number?, position)));
        let mut ids: Vec<_> = known.collect();
        ids.sort_unstable();
        Self(ids)
    }

    /// The place of a parameter in nice-plug's order.
    pub(crate) fn position(&self, number: u32) -> Option<usize> {
        let found = self
            .0
            .binary_search_by_key(&number, |(number, _)| *number)
            .ok()?;
        self.0.get(found).map(|(_, position)| *position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let ids = Ids::new([Some(70), None, Some(3), Some(u32::MAX)].into_iter());
        assert_eq!(ids.position(70), Some(0));
        assert_eq!(ids.position(3), Some(2));
        assert_eq!(ids.position(u32::MAX), Some(3));
        assert_eq!(ids.position(4), None);
    }
}
