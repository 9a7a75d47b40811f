//! Settings: those of a file, and those that make no sense.

use super::Row;

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("there is no preset '{}'; the presets are tiny, small, pure, base", "没有预设“{0}”；预设有 tiny、small、pure、base"),
    ("cannot read {}: {*}; check the path of the configuration", "无法读取 {0}：{1}；请检查配置文件的路径"),
    ("this is neither UTF-8 nor UTF-16; save the file as UTF-8", "既不是 UTF-8，也不是 UTF-16；请把文件存为 UTF-8"),
    ("'{}' has been renamed; write '{}'", "“{0}”已改名；请写“{1}”"),
    ("'{}' is unknown; did you mean '{}'?", "没有“{0}”；是否想写“{1}”？"),
    ("'{}' is unknown; there are {}", "没有“{0}”；有 {1}"),
    ("'{}' is a section; write [{}] and its keys below", "“{0}”是一节；请写 [{1}]，其下写各项"),
    // Values
    ("{w} is too few; {w} at least", "{0} 太小；至少为 {1}"),
    ("{w} is too many; {w} at most", "{0} 太大；至多为 {1}"),
    ("{w} is too many; {w} at most (model.z_dim, and {w} axes)", "{0} 太大；至多为 {1}（受 model.z_dim 与 {2} 条轴所限）"),
    ("{w} is too much; {w} at most", "{0} 太大；至多为 {1}"),
    ("{w} filter widths are too many; 64 at most", "{0} 种卷积宽度太多；至多 64 种"),
    ("{w} is more than {w}", "{0} 大于 {1}"),
    ("{w} is less than {w}", "{0} 小于 {1}"),
    ("{w} is not above 0", "{0} 不大于 0"),
    ("{w} is not a weight; it must be 0 or more", "{0} 不能作权重；不能小于 0"),
    ("{w} is not between 0 and 1 (1 excluded)", "{0} 不在 0 与 1 之间（不含 1）"),
    ("{w} does not divide model.width = {}", "{0} 不能整除 model.width = {1}"),
    ("no form of the corpus ({}) fits into model.max_line = {w}, model.max_lines = {w} and model.max_poem = {w}; raise them", "语料的体裁（{0}）都超出 model.max_line = {1}、model.max_lines = {2} 与 model.max_poem = {3}；请调大"),
    ("{w} is less than model.max_line + 2 = {}", "{0} 小于 model.max_line + 2 = {1}"),
    ("{w} is wider than model.max_line = {}", "{0} 宽于 model.max_line = {1}"),
    ("is empty; give at least one filter width, such as [2, 3]", "为空；请至少给一种卷积宽度，如 [2, 3]"),
    ("0, and so is training.adversarial_steps; set one of them", "0，training.adversarial_steps 也是 0；请设置其中一个"),
    ("the schedule has more than {} steps", "计划超过 {0} 步"),
    ("this model has about {} million parameters, more than {} million; lower model.width, model.{}.layers, model.{}.hidden, discriminator.filters or tokenizer.vocab_size", "此模型约有 {0} 百万参数，超过 {1} 百万；请减小 model.width、model.{2}.layers、model.{3}.hidden、discriminator.filters 或 tokenizer.vocab_size"),
];
