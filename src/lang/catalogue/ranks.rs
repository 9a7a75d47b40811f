//! Several processes that train one run.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("mpirun has started several processes, but this program was built without MPI; build it with `cargo build --release --features mpi`, or start one process", "mpirun 启动了多个进程，而此程序编译时未含 MPI；请用 `cargo build --release --features mpi` 编译，或只启动一个进程"),
    ("cannot start MPI: {*}; see docs/cluster.md", "无法启动 MPI：{0}；参见 docs/cluster.md"),
    ("its library does not start", "其库无法启动"),
    ("rank {w} on {} computes with {}, rank 0 on {} with {}, so their weights would drift apart; run on machines with the same program and the same kind of processor", "{1} 上的进程 {0} 用 {2} 计算，而 {3} 上的进程 0 用 {4}，两者的权重会渐行渐远；请在程序相同、处理器同类的机器上运行"),
    ("this run has {w} parts a minibatch, and mpirun has started {w} processes; start {w} at most, or set training.parts with --config FILE and --allow-changes", "此运行每个小批分为 {0} 份，而 mpirun 启动了 {1} 个进程；请最多启动 {2} 个，或用 --config FILE 与 --allow-changes 更改 training.parts"),
    ("another rank has ended or does not answer; the run is saved at step {w}: run the same command again to resume it, with any number of ranks", "另一个进程已结束或不应答；运行已存于第 {0} 步：再次运行同一命令即可继续，进程数不限"),
    ("another rank has ended or does not answer, before anything of the run was saved", "另一个进程已结束或不应答，运行尚未存过"),
    ("a message of another rank cannot be read: {*}", "无法读取另一进程的消息：{0}"),
    ("it is empty", "为空"),
    ("it is cut", "不完整"),
    ("rank 0 sent no generator", "进程 0 未发来生成器"),
    ("rank 0 began a run without models", "进程 0 开始运行却无模型"),
    ("rank 0 began a run in the middle of another", "进程 0 在运行中又开始另一运行"),
    ("another rank has ended or does not answer", "另一个进程已结束或不应答"),
    ("rank {w}: {*}", "进程 {0}：{1}"),
    ("it ended without a result", "未得结果便结束"),
];
