//! Files and streams that cannot be read or written.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("cannot read the standard input", "无法读取标准输入"),
    ("cannot write to the standard output", "无法写到标准输出"),
    ("note: --threads {w}: this process may use {w} processors, so it uses {w} threads", "注意：--threads {0}：此进程可用 {1} 个处理器，故用 {2} 个线程"),
    ("standard output: {*}", "标准输出：{0}"),
    ("cannot write the result", "无法写出结果"),
    ("cannot write the report", "无法写出报告"),
    ("cannot write the runs", "无法写出运行列表"),
    ("cannot write the metrics", "无法写出指标"),
    ("the recording of the tour is damaged", "导览的录制内容已损坏"),
    ("cannot write the poems", "无法写出诗歌"),
    ("cannot use the terminal", "无法使用终端"),
    ("cannot read {}: {*}", "无法读取 {0}：{1}"),
    ("cannot write {}: {*}", "无法写入 {0}：{1}"),
    ("cannot write into {}: {*}", "无法写入 {0}：{1}"),
    ("training has ended well, but its summary has failed: {*}", "训练已正常结束，但无法给出总结：{0}"),
];
