//! What the examples do.

use super::Row;

#[rustfmt::skip]
pub const EXAMPLES: &[Row] = &[
    // poetgan
    ("90 seconds on what a GAN does and what the dashboard shows", "90 秒了解 GAN 做什么、界面显示什么"),
    ("start or resume training; Ctrl-C stops it and saves a checkpoint", "开始或继续训练；Ctrl-C 停止并写检查点"),
    ("show how a file of poems is read", "显示诗歌文件如何读入"),
    ("print a poem", "输出一首诗"),
    ("a poem on a theme", "写一首某一主题的诗"),
    ("all options of write", "write 的全部选项"),
    ("move a poem along the themes of the model", "沿模型的主题移动一首诗"),
    ("show a run from another terminal", "在另一终端显示一次运行"),
    ("measure the poems against real ones and simple baselines", "与真诗和简单基线对照，评测所写的诗"),
    ("list all runs and their progress", "列出所有运行及其进度"),
    ("a run as a web page, tables and TensorBoard curves", "把一次运行导出为网页、表格与 TensorBoard 曲线"),
    ("the numbers of a run for scripts", "一次运行的数值，供脚本使用"),
    ("mark tones, rhyme and faults of Chinese verse", "标注中文诗的平仄、押韵与诗病"),
    ("how long training takes on this machine", "在本机训练需要多久"),
    // train
    ("the default preset, into runs/tang", "默认预设，写入 runs/tang"),
    ("the same again: resume where it stopped", "再次执行：从停下处继续"),
    ("no dashboard, a shorter schedule", "不用界面，缩短计划"),
    ("start from the built-in model", "从内置模型开始"),
    // watch, replay
    ("the most recent run below runs/", "runs/ 下最新的运行"),
    ("runs/tang", "runs/tang"),
    ("a run directory anywhere", "任意位置的运行目录"),
    ("both on one chart, over steps or time; up to six runs", "两次运行同在一图，横轴为步数或时间；至多六次"),
    ("captions explain what the dashboard shows", "字幕讲解界面所示内容"),
    ("in Chinese", "用中文"),
    ("only the captions, as text", "只以文字输出字幕"),
    ("the whole run within a minute", "一分钟内放完全程"),
    ("50 steps per second", "每秒 50 步"),
    // write, explore, between
    ("the same poem every time", "每次都是同一首诗"),
    ("about autumn and the moon; in English 'moon, sea'", "写秋与月；英文诗如 'moon, sea'"),
    ("towards the end with this word; see explore --list", "移向轴上有此字的一端；见 explore --list"),
    ("five poems of eight lines of seven characters", "五首七律（八句，每句七字）"),
    ("an acrostic (藏头诗)", "藏头诗"),
    ("regulated verse that begins so and rhymes with 山", "以此开头、押“山”所在韵的近体诗"),
    ("the best of 16 drafts by the discriminator's score", "16 稿中判别器评分最高的一稿"),
    ("the newest checkpoint of the newest run, not the best", "最新运行的最新检查点，而不是最佳检查点"),
    ("one JSON object per poem", "每首诗一个 JSON 对象"),
    ("columns from right to left", "自右至左竖排"),
    ("in traditional characters, on a card", "繁体字，画在诗笺上"),
    ("five poems into a file, for a blog", "五首诗写入文件，供博客使用"),
    ("the newest run, else the built-in model", "最新的运行，若没有则用内置模型"),
    ("the axes with the words at their ends", "各轴及其两端的字词"),
    ("eight poems", "八首诗"),
    // bench
    ("a table, and the estimated time of the default schedule", "一张表，以及默认计划的估计时间"),
    ("one JSON object per line, as benches/torch_lstm.py prints them", "每行一个 JSON 对象，与 benches/torch_lstm.py 的输出相同"),
    ("the same for benches/torch_transformer.py", "同上，对应 benches/torch_transformer.py"),
    // eval, sweep
    ("the newest run, on its own corpus", "最新的运行，用它自己的语料"),
    ("quatrains of seven characters only", "只评测七言绝句"),
    ("forms.<form>.<column>.<metric>, intervals as <metric>_interval", "键为 forms.<体裁>.<列>.<指标>，区间为 <指标>_interval"),
    ("without the classifiers, in seconds", "不用分类器，几秒即成"),
    ("what every metric means", "各项指标的含义"),
    ("the newest run, in the form with most poems", "最新的运行，诗最多的体裁"),
    ("the best of eight drafts by the discriminator's score", "八稿中判别器评分最高的一稿"),
    ("rhyme and tones only, without the classifier", "只看押韵与平仄，不用分类器"),
    // oracle
    ("a random oracle; figures are not comparable with others", "随机基准模型；数值不可与其他结果相比"),
    ("the published one, with the published figures (docs/oracle.md", "已发表的基准模型，附已发表的数值（文件内容见"),
    ("says what the file holds)", "docs/oracle.md）"),
    ("one JSON object per line", "每行一个 JSON 对象"),
    // check
    ("one verse per line, blank lines between poems", "每行一句，两首诗之间空一行"),
    ("check a generated poem", "检查一首生成的诗"),
    // corpus
    ("a report; nothing is written", "输出报告；不写任何文件"),
    ("all files of text in a folder", "文件夹中的全部文本文件"),
    ("the column with the poems", "指定诗所在的列"),
    ("every changed line", "每一处改动的行"),
    ("the poems as they were read, with blank lines between them", "写出读到的诗，两首之间空一行"),
    ("train on it; the options of reading are the same", "用它训练；读入的选项相同"),
    // export, runs
    ("everything, into runs/tang/export", "全部内容，写入 runs/tang/export"),
    ("only the web page: /tmp/tang/report.html", "只要网页：/tmp/tang/report.html"),
    ("the page in Chinese", "中文网页"),
    ("a run given by its path, only the tables", "以路径指定运行，只要表格"),
    ("the page then shows the evaluation", "网页随后也显示评测结果"),
    ("curves of all exported runs", "所有已导出的运行的曲线"),
    ("all runs below runs/", "runs/ 下的所有运行"),
    ("two runs side by side, and their different settings", "并列两次运行及其不同的设置"),
    ("the runs of another folder", "另一文件夹中的运行"),
    ("the lowest held-out loss first", "留出损失最低的在前"),
    ("with the settings that differ among the runs", "并列出各次运行不同的设置"),
    ("one JSON object per run", "每次运行一个 JSON 对象"),
    // metrics
    ("the metrics of the run, with first and last values", "此运行的各项指标，及其最初与最新数值"),
    ("the latest rhyme score", "最新的押韵得分"),
    // pack, config
    ("the best checkpoint, with rounded weights", "最佳检查点，权重经舍入"),
    ("use it on any machine", "在任何机器上使用"),
    ("then edit my.toml; it may contain only what differs", "然后编辑 my.toml；只写不同之处即可"),
    // man
    ("read it", "阅读"),
    ("then man poetgan-write works", "然后可用 man poetgan-write"),
];
