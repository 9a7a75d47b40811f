//! Measures the load of the machine, once a second, in the process of the dashboard.

use std::time::{Duration, Instant};

use sysinfo::{Components, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::ui::model::state::DashboardState;
use crate::ui::model::system::{ProcessSample, SystemSample};

const INTERVAL: Duration = Duration::from_secs(1);
/// The use of a processor is known from two measurements, which have to be this far apart.
const FIRST_INTERVAL: Duration = sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;

#[derive(Default)]
pub struct SystemSampler {
    system: System,
    components: Components,
    /// When it was last measured, and how often.
    measured: Option<Instant>,
    n_measured: u64,
}

impl SystemSampler {
    /// Measures if the load is shown and a sample is due. Returns whether there is a new one.
    pub fn update(&mut self, state: &mut DashboardState) -> bool {
        let sample = if state.shows_system { self.sample(state.process) } else { None };
        let is_new = sample.is_some();
        state.system = sample.or(state.system.take());
        is_new
    }

    /// A new sample if one is due, with the process of that id. The first call only begins to measure.
    fn sample(&mut self, process: Option<u32>) -> Option<SystemSample> {
        let interval = if self.n_measured < 2 { FIRST_INTERVAL } else { INTERVAL };
        if self.measured.is_some_and(|measured| measured.elapsed() < interval) {
            return None;
        }
        self.measured = Some(Instant::now());
        self.n_measured += 1;
        self.measure(process);
        (self.n_measured > 1).then(|| self.read(process))
    }

    fn measure(&mut self, process: Option<u32>) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let pid = process.map(Pid::from_u32);
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory().with_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(pid.as_slice()), true, wanted);
        if self.n_measured == 1 {
            self.components = Components::new_with_refreshed_list();
        } else {
            self.components.refresh(false);
        }
    }

    fn read(&self, process: Option<u32>) -> SystemSample {
        let total = self.system.total_memory();
        let temperatures = self.components.iter().filter_map(|component| component.temperature());
        let of_process = |id| {
            let process = self.system.process(Pid::from_u32(id))?;
            let threads = process.tasks().map(|tasks| tasks.len());
            Some(ProcessSample { id, cpu: process.cpu_usage(), memory: process.memory(), threads })
        };
        SystemSample {
            cores: self.system.cpus().iter().map(|core| core.cpu_usage().clamp(0.0, 100.0)).collect(),
            memory: (total > 0).then(|| (self.system.used_memory(), total)),
            temperature: temperatures.filter(|degrees| degrees.is_finite()).reduce(f32::max),
            process: process.and_then(of_process),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_process_is_measured_at_intervals() {
        let mut sampler = SystemSampler::default();
        let process = Some(std::process::id());
        assert_eq!(sampler.sample(process), None, "one measurement tells no use");
        assert_eq!(sampler.sample(process), None, "it is too soon");
        std::thread::sleep(FIRST_INTERVAL);
        let sample = sampler.sample(process).unwrap();
        assert!(sample.cores.len() >= std::thread::available_parallelism().unwrap().get(), "{sample:?}");
        let (used, total) = sample.memory.unwrap();
        assert!(used > 0 && used <= total);
        let own = sample.process.unwrap();
        assert!(own.memory > 1 << 20 && own.memory < total, "{own:?}");
        // Tests run in threads of their own.
        assert!(!cfg!(target_os = "linux") || own.threads.is_some_and(|threads| threads >= 2), "{own:?}");
        assert_eq!(sampler.sample(process), None, "the next one is due in a second");
    }

    #[test]
    fn a_process_that_is_gone_has_no_sample() {
        let mut sampler = SystemSampler::default();
        let gone = Some(u32::MAX - 1);
        sampler.sample(gone);
        std::thread::sleep(FIRST_INTERVAL);
        assert_eq!(sampler.sample(gone).unwrap().process, None);
    }
}
