//! The command line: values that are no values, and options that do not go together.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("see {}", "详见 {0}"),
    ("tip: the option for this is '{}'", "同义的选项：“{0}”"),
    // Values
    ("{} is not in {w}..={w}", "“{0}”不是 {1} 至 {2} 的整数"),
    ("{} is not in {w}..", "“{0}”不是 {1} 以上的整数"),
    ("the name is empty; give a name such as tang, or a path such as ./tang", "名称为空；请给出名称（如 tang）或路径（如 ./tang）"),
    ("'{}' is not a time; write 90s, 20m or 1h30m", "“{0}”不是时长；请写成 90s、20m 或 1h30m"),
    ("'{}' is not a number above 0", "“{0}”不是大于 0 的数"),
    ("'{}' is not a number above 0 and at most 1", "“{0}”不是大于 0 且不超过 1 的数"),
    ("'{}' is not a number from 0 to less than 1", "“{0}”不是 0 以上且小于 1 的数"),
    ("'{}' is not a number from 0 on", "“{0}”不是 0 以上的数"),
    ("'{}' is not a word or number, '=' and an amount, such as war=+2 or 0=-1.5", "“{0}”的写法不对；请写“词或编号=移动量”，如 战=+2 或 0=-1.5"),
    ("'{}' is not a form; write 7x4 (characters x lines), 七绝, 五律, lines:14 or free", "“{0}”不是体裁；请写 7x4（字数 x 行数）、七绝、五律、lines:14 或 free"),
    ("expected best, last, pretrained or the number of a step", "应为 best、last、pretrained 或某一步的步数"),
    // Options that do not go together
    ("does not agree with --pretrain-steps and --adversarial-steps; leave one of them out", "与 --pretrain-steps 和 --adversarial-steps 不符；请去掉其中一个"),
    ("the run has done {} steps already, more than {}; ask for more", "此运行已训练 {0} 步，多于 {1} 步；请给更多的步数"),
    ("--embed {}: the transformer has {} heads; use a multiple of {}", "--embed {0}：Transformer 有 {1} 个注意力头；请用 {2} 的倍数"),
    ("--width {}: the transformer has {} heads; use a multiple of {}", "--width {0}：Transformer 有 {1} 个注意力头；请用 {2} 的倍数"),
    ("--batch {} --time {}: more than {} tokens; use fewer", "--batch {0} --time {1}：超过 {2} 个词元；请减少"),
    ("--batch {} --time {}: a minibatch of more than {} tokens; use fewer", "--batch {0} --time {1}：小批量超过 {2} 个词元；请减少"),
    ("--sequences {} --samples {} --time {}: more than {} tokens; use fewer", "--sequences {0} --samples {1} --time {2}：超过 {3} 个词元；请减少"),
    ("--vocab {} --embed {} --hidden {}: a weight of more than {} elements; use smaller sizes", "--vocab {0} --embed {1} --hidden {2}：有权重超过 {3} 个元素；请减小"),
    ("--weights {}: {*}", "--weights {0}：{1}"),
    ("cannot read it: {*}; check the path", "无法读取：{0}；请检查路径"),
    ("step {} produced numbers that are not finite; lower --learning-rate or --generator-learning-rate", "第 {0} 步出现非有限数；请降低 --learning-rate 或 --generator-learning-rate"),
    ("cannot start the threads to compute with: {*}; ask for fewer with --threads N", "无法启动计算线程：{0}；请用 --threads N 减少线程"),
    ("watch and replay need a terminal; programs can read log.txt and metrics.jsonl of the run directory", "watch 与 replay 需要终端；程序可读取运行目录中的 log.txt 与 metrics.jsonl"),
];
