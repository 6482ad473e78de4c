//! What the plugin says about its parameters at run time, and where nice-plug keeps them.
//!
//! Thread: host's main thread, unless a method says otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use nice_plug::params::Params;
use nice_plug::params::internals::ParamPtr;

/// What a host shows of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Name.
    pub name: String,
    /// Unit, without a space before it; may be empty.
    pub unit: String,
    /// Value that a double click restores, 0..1.
    pub default_normalised: f64,
}

/// Parameters that the plugin describes itself, in an order of its own: `index` is the place in
/// [`ids`](Self::ids). Everything it does not describe is nice-plug's.
///
/// Range, steps, automatability and ids of a parameter never change; hosts read them once.
///
/// Thread: host's main thread. Hosts may ask for texts and values on their GUI thread too.
pub trait Parameters: Send + Sync {
    /// The object that nice-plug reads the parameters from.
    fn params(&self) -> Arc<dyn Params>;

    /// Ids (as in `#[id = "…"]`) of the described parameters. Asked for once, at construction.
    fn ids(&self) -> Vec<String>;

    /// What the host shall show now. `None`: nice-plug describes this one, also its texts; it is
    /// listed for [`Host::set_value`](crate::Host::set_value) only.
    fn describe(&self, index: usize) -> Option<Description>;

    /// Text of a value (0..1), with its unit or, where the host shows that apart, without.
    fn text(&self, index: usize, normalised: f64, with_unit: bool) -> Option<String>;

    /// Value (0..1) of a text, with or without a unit. `None`: it is no value.
    fn parse(&self, index: usize, text: &str) -> Option<f64>;

    /// The value in its own unit (VST3).
    fn plain(&self, index: usize, normalised: f64) -> f64;

    /// The opposite of [`plain`](Self::plain).
    fn normalised(&self, index: usize, plain: f64) -> f64;
}

/// Where a described parameter is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its place in nice-plug's order, which is the order in which hosts list it.
    pub(crate) position: usize,
    pointer: ParamPtr,
}

/// The described parameters' places. Lives as long as the plugin's handles, so it keeps nothing
/// of the plugin alive.
pub(crate) struct Places {
    params: Weak<dyn Params>,
    places: Vec<Option<Place>>,
}

impl Places {
    /// Finds the described parameters among all.
    pub(crate) fn find(parameters: &dyn Parameters) -> Self {
        let params = parameters.params();
        let map = params.param_map();
        let positions: HashMap<&str, usize> = map
            .iter()
            .enumerate()
            .map(|(position, (id, ..))| (id.as_str(), position))
            .collect();
        let find = |id: &String| {
            let position = *positions.get(id.as_str())?;
            let pointer = map.get(position)?.1;
            Some(Place { position, pointer })
        };
        Self {
            places: parameters.ids().iter().map(find).collect(),
            params: Arc::downgrade(&params),
        }
    }

    /// Where parameter `index` is; `None` if the plugin has no parameter with this id.
    pub(crate) fn get(&self, index: usize) -> Option<Place> {
        self.places.get(index).copied().flatten()
    }

    /// All places, with the plugin's index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Place)> + '_ {
        let places = self.places.iter().enumerate();
        places.filter_map(|(index, place)| place.map(|place| (index, place)))
    }

    /// Sets a value. Whether there is such a parameter. Thread: any.
    pub(crate) fn set(&self, index: usize, normalised: f32) -> bool {
        let (Some(place), Some(_alive)) = (self.get(index), self.params.upgrade()) else {
            return false;
        };
        // SAFETY: the object that the pointer points into is alive: we hold a reference.
        unsafe { place.pointer._internal_set_normalized_value(normalised) };
        true
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.places).finish()
    }
}
