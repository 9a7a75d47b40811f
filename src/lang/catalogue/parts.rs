//! Parts of divided work that cannot be used or joined.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("'{}' is not K/N with K from 1 to N, such as 3/16", "“{0}”不是 K/N（K 为 1 至 N），如 3/16"),
    ("--shard: the paths of the model and of the poems must be UTF-8; rename them", "--shard：模型与诗的路径须为 UTF-8；请改名"),
    ("cannot read {}: {*}; check the path", "无法读取 {0}：{1}；请检查路径"),
    ("{}: the file is empty; compute this part again", "{0}：文件是空的；请重新计算这一份"),
    ("{}: no part of eval or sweep; the parts of write are joined as they are, with cat", "{0}：不是 eval 或 sweep 的一份；write 的各份直接用 cat 相接即可"),
    ("{}: computed by poetgan {w}, and this is {w}; use one version", "{0}：由 poetgan {1} 计算，而现在是 {2}；请用同一版本"),
    ("{}: the file is damaged or incomplete; compute this part again", "{0}：文件已损坏或不完整；请重新计算这一份"),
    ("{}: lacks results of '{}'; compute this part again", "{0}：缺少“{1}”的结果；请重新计算这一份"),
    ("the options that the parts record are damaged; compute the parts again", "各份所记的选项已损坏；请重新计算各份"),
    ("{}: a part of {w}, and {} is one of {w}; merge one command", "{0}：是 {1} 的一份，而 {2} 是 {3} 的；请只合并同一命令的各份"),
    ("{}: part {w}, and {} is part {w}; all need the same N", "{0}：是第 {1} 份，而 {2} 是第 {3} 份；各份的 N 须相同"),
    ("{}: its {w} is {}, and that of {} is {}; {*}", "{0}：其 {1} 为 {2}，而 {3} 的为 {4}；{5}"),
    ("parts of one command have the same options", "同一命令的各份选项相同"),
    ("{}: its {w} is {}, and here it is {}; {*}", "{0}：其 {1} 为 {2}，而此处为 {3}；{4}"),
    ("merge needs the model and the poems of the parts", "merge 需要各份所用的模型与诗"),
    ("{}: part {w} of {w}, and so is {}; leave one of them out", "{0}：是第 {1} 份（共 {2} 份），{3} 也是；请去掉一个"),
    ("part {w} of {w}, which belongs to {}, is missing; poetgan {w} --shard {w} computes it", "缺少与 {2} 同属的第 {0} 份（共 {1} 份）；可用 poetgan {3} --shard {4} 计算"),
    ("--svg, --png: only a sweep has a plot, and these are parts of eval", "--svg、--png：只有 sweep 有图，而这些是 eval 的各份"),
    ("parts of {} cannot be merged; only those of eval and sweep", "不能合并 {0} 的各份；只能合并 eval 与 sweep 的"),
];
