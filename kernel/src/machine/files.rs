//! Files: the machine has none to give, and says so.

use stele_hal::Files;

use super::Machine;

impl Files for Machine {}
