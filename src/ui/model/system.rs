//! The load of the machine and of the process that trains.

/// What was measured at one moment; empty or `None` where the system does not tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemSample {
    /// Use of each core, 0 to 100 %.
    pub cores: Vec<f32>,
    /// Memory in use and all memory, in bytes.
    pub memory: Option<(u64, u64)>,
    /// Degrees Celsius of the warmest sensor.
    pub temperature: Option<f32>,
    pub process: Option<ProcessSample>,
}

/// The process that trains.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessSample {
    pub id: u32,
    /// Use of the processor, where 100 % is one core.
    pub cpu: f32,
    /// Resident memory, in bytes.
    pub memory: u64,
    pub threads: Option<usize>,
}
