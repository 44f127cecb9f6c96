//! Which unit ids a device has.

use super::RegisterMap;

/// The units of a device.
pub trait Units {
    /// What a unit serves.
    type Map: RegisterMap + ?Sized;

    /// The map of `unit`, if there is such a unit.
    fn unit(&mut self, unit: u8) -> Option<&mut Self::Map>;

    /// The map of the device itself: what units 0 and 255 mean on TCP (TCP §4.4.2.2).
    fn direct(&mut self) -> Option<&mut Self::Map>;

    /// Calls `visit` with every unit's map, for a broadcast.
    fn for_each(&mut self, visit: &mut dyn FnMut(&mut Self::Map));
}

/// One unit with a known id.
#[derive(Clone, Copy, Debug)]
pub struct OneUnit<M> {
    /// The id, 1 to 247 on a serial line, anything on TCP.
    pub unit: u8,
    /// What it serves.
    pub map: M,
}

impl<M: RegisterMap> OneUnit<M> {
    /// The unit `unit` with this map.
    pub const fn new(unit: u8, map: M) -> Self {
        Self { unit, map }
    }
}

impl<M: RegisterMap> Units for OneUnit<M> {
    type Map = M;

    #[inline]
    fn unit(&mut self, unit: u8) -> Option<&mut M> {
        (unit == self.unit).then_some(&mut self.map)
    }

    fn direct(&mut self) -> Option<&mut M> {
        Some(&mut self.map)
    }

    fn for_each(&mut self, visit: &mut dyn FnMut(&mut M)) {
        visit(&mut self.map);
    }
}

/// The same map under every id.
#[derive(Clone, Copy, Debug)]
pub struct AnyUnit<M>(
    /// What every unit serves.
    pub M,
);

impl<M: RegisterMap> Units for AnyUnit<M> {
    type Map = M;

    #[inline]
    fn unit(&mut self, _unit: u8) -> Option<&mut M> {
        Some(&mut self.0)
    }

    fn direct(&mut self) -> Option<&mut M> {
        Some(&mut self.0)
    }

    fn for_each(&mut self, visit: &mut dyn FnMut(&mut M)) {
        visit(&mut self.0);
    }
}

/// Several units, as a table in the caller's memory. The first one is the device itself.
///
/// ```
/// use ptk_modbus::server::{Access, RegisterBlock, TableMap, UnitTable, Units};
///
/// let (mut pump, mut valve) = ([0; 4], [0; 2]);
/// let mut pump = [RegisterBlock::new(0, &mut pump, Access::ReadWrite)];
/// let mut valve = [RegisterBlock::new(0, &mut valve, Access::ReadWrite)];
/// let mut table = [
///     (1, TableMap::new().holding_registers(&mut pump)),
///     (7, TableMap::new().holding_registers(&mut valve)),
/// ];
/// let mut units = UnitTable(&mut table);
/// assert!(units.unit(7).is_some());
/// assert!(units.unit(2).is_none());
/// ```
#[derive(Debug)]
pub struct UnitTable<'a, M>(
    /// Ids and maps; of two with the same id the first counts.
    pub &'a mut [(u8, M)],
);

impl<M: RegisterMap> Units for UnitTable<'_, M> {
    type Map = M;

    fn unit(&mut self, unit: u8) -> Option<&mut M> {
        self.0
            .iter_mut()
            .find(|(id, _)| *id == unit)
            .map(|(_, map)| map)
    }

    fn direct(&mut self) -> Option<&mut M> {
        self.0.first_mut().map(|(_, map)| map)
    }

    fn for_each(&mut self, visit: &mut dyn FnMut(&mut M)) {
        for (_, map) in self.0.iter_mut() {
            visit(map);
        }
    }
}
