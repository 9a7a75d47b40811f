//! What the commands do, and the notes below their options.

use super::Row;

#[rustfmt::skip]
pub const ABOUT: &[Row] = &[
    ("Train a text GAN on a file of poems, watch it train in the terminal, and write poems", "用诗歌文件训练文本 GAN，在终端观看训练，并写诗"),
    ("Explain GAN training in 90 seconds, on a recorded run in the dashboard", "用一次录好的运行，在界面上 90 秒讲解 GAN 训练"),
    ("Train on a file of poems; the same command again resumes the run", "用诗歌文件训练；再次执行同一命令即继续这次运行"),
    ("Show the dashboard of a run from another terminal, during or after training", "在另一终端显示一次运行的界面，训练时或训练后均可"),
    ("Replay the dashboard of a run", "回放一次运行的界面"),
    ("Write poems with a trained model", "用训练好的模型写诗"),
    ("Write poems on a screen: fill in constraints, compare candidates, edit and lock lines", "在屏幕上写诗：填写要求，比较候选，改句与锁定诗句"),
    ("Move a poem along the themes of a trained model", "沿训练好的模型的主题移动一首诗"),
    ("Write the poems on the way from one seed to another", "写出从一个种子到另一个种子之间的诗"),
    ("Measure the training steps on this machine, and estimate the training time", "测量本机的训练步，并估计训练时间"),
    ("Measure a model's poems against real poems and simple baselines", "与真诗和简单基线对照，评测模型的诗"),
    ("Plot quality against diversity at ten temperatures, before and after adversarial training", "画出十个温度下质量与多样性的关系，对抗训练前后各一条曲线"),
    ("Print the report of eval or sweep from the files of all parts, which --shard wrote", "用 --shard 所写的各份文件，输出 eval 或 sweep 的报告"),
    ("Run the synthetic benchmark of SeqGAN: train on sequences of a known LSTM, which then scores the samples", "SeqGAN 的合成基准：用已知 LSTM 的序列训练，再由它给样本评分"),
    ("Mark tones, patterns, rhyme and faults of Chinese poems by the Pingshui rhyme book", "按平水韵标注中文诗的平仄、格律、押韵与诗病"),
    ("Show how files of poems are read: layout, poems, forms, duplicates, what is left out and why", "显示诗歌文件如何读入：版式、诗、体裁、重复、哪些未采用及原因"),
    ("Export the journal of a run as tables, TensorBoard curves, a web page and an animation", "把一次运行的记录导出为表格、TensorBoard 曲线、网页与动画"),
    ("Print the values of metrics over the steps of a run, for scripts", "输出一次运行各步的指标数值，供脚本使用"),
    ("List the runs with their latest figures, or compare two of them", "列出各次运行及其最新数值，或比较其中两次"),
    ("Rewrite a line or some characters of a poem, with the rest fixed", "改写一首诗的一行或几个字，其余不动"),
    ("The new text is drawn from many drafts, so that it fits what follows as well as what precedes it.", "新的文字从许多稿中抽取，使其既承上文，又合下文。"),
    ("Pack a trained model into one small file", "把训练好的模型打包成一个小文件"),
    ("Print a preset: all settings, with their meaning", "输出一个预设：全部设置及其含义"),
    ("Print a shell completion script", "输出 shell 补全脚本"),
    ("Print the manual page of the program, or write the pages of all commands into a folder", "输出本程序的手册页，或把全部命令的手册页写入文件夹"),
    ("Print this message or the help of the given subcommand(s)", "显示本帮助，或所给命令的帮助"),
];

/// Paragraphs; a line end in Chinese is kept.
#[rustfmt::skip]
pub const NOTES: &[Row] = &[
    ("Ctrl-C, SIGTERM or SIGHUP finishes the step and writes a checkpoint; a second one exits immediately. Exit codes: 0 finished or stopped, 1 failure, 2 usage error, 130 second signal.", "Ctrl-C、SIGTERM 或 SIGHUP：完成此步并写检查点；再来一次立即退出。\n退出码：0 已完成或已停止，1 失败，2 用法错误，130 第二个信号。"),
    ("It is read-only: q leaves the dashboard, and training is unaffected. Keys that control training have no effect.", "只读：按 q 离开界面，不影响训练；控制训练的按键无效。"),
    ("Right, space and enter go to the next chapter, left to the previous one; p pauses, q and esc quit. Other keys as in the dashboard.", "右键、空格与回车进入下一章，左键回到上一章；p 暂停，q 与 esc 退出。其余按键同训练界面。"),
    ("p pauses and resumes, + and - change the speed, < and > jump, t advances one step; other keys as in the dashboard.", "p 暂停与继续，+ 与 - 改变速度，< 与 > 跳转，t 前进一步；其余按键同训练界面。"),
    ("Up and down choose an axis, left and right move along it, n and p change the seed, f the form, 0 resets, q quits. Without a terminal it prints the axes.", "上下键选轴，左右键沿轴移动，n 与 p 换种子，f 换体裁，0 归零，q 退出。没有终端时输出各轴。"),
    ("Tab goes from pane to pane, enter fills in a field, e edits a line of the poem, l locks it, r writes new candidates, f keeps the poem, ? lists all keys, q quits. The command below the panes prints the poem again.", "Tab 切换窗格，回车填写字段，e 修改诗中一行，l 锁定此行，r 写新的候选，f 收藏，? 列出全部按键，q 退出。窗格下方的命令可再次输出这首诗。"),
    ("The noise vector goes from that of the first seed to that of the second; the randomness of each character is that of the first seed.", "噪声向量由第一个种子的变到第二个种子的；逐字的随机选择始终取自第一个种子。"),
    ("The model must be one of a run that has reached the adversarial phase; its other curve is the checkpoint of the end of pretraining.", "模型所属的运行须已进入对抗阶段；另一条曲线是预训练结束时的检查点。"),
    ("The report is that of the command without --shard, bit for bit. The parts hold what was generated; merge measures it, so it needs the model and the poems as well, under the same names.", "报告与不用 --shard 时逐位相同。各份只含生成的内容，由 merge 评测，因此同样需要模型与诗，且名称相同。"),
    ("Ctrl-C stops the training and prints the table. Exit codes: 0 finished or stopped, 1 failure, 2 usage error.", "Ctrl-C：停止训练并输出表格。\n退出码：0 已完成或已停止，1 失败，2 用法错误。"),
    ("Marks: ○ level (平), ● oblique (仄), ◐ either; characters that are not in the rhyme book are also marked ◐. Faults: 失对 失粘 (couplets), 孤平 三平尾 (tones of a line), 出韵 (rhyme), 重字 (repeated character).", "标记：○ 平，● 仄，◐ 平仄皆可；韵书未收的字也标 ◐。\n诗病：失对、失粘（联），孤平、三平尾（句中平仄），出韵（押韵），重字。"),
    ("The run may still be training. SVG: dashboard.svg. CSV: steps.csv, held_out.csv and quality.csv. HTML: report.html, a single file without network access and scripts; it includes eval.json of the run directory, if there is one. Times in TensorBoard are the start of the run plus its training time.", "运行可以仍在训练。SVG：dashboard.svg。CSV：steps.csv、held_out.csv 与 quality.csv。HTML：report.html，一个不访问网络、不含脚本的文件；若运行目录中有 eval.json，也一并显示。\nTensorBoard 中的时间是运行的开始时间加训练时间。"),
    ("held-out: latest held-out loss, in nats per token; best: step of the best checkpoint; rhyme and distinct-2: of the latest generated poems; trained: training time without pauses.", "留出损失：最新的留出损失，单位为奈特每词元；最佳：最佳检查点的步数；押韵与多样性：最新生成的诗的数值；用时：训练时间，不含暂停。"),
    ("Metrics: the numbers of the steps (likelihood_loss, generator_loss or g_loss, d_real, tokens_per_s, ...), held_out and held_out/FORM in nats per token, and the figures of the quality checks (rhyme, distinct-2, ...), which come with those of real poems and with the form. The run may be training. Exit code 2 for a metric that does not exist; with --json no output for one that has no values yet.", "指标：各步的数值（likelihood_loss、generator_loss 或 g_loss、d_real、tokens_per_s 等）；held_out 与 held_out/体裁，单位为奈特每词元；质量检查的数值（rhyme、distinct-2 等），并附真诗的数值与体裁。
运行可以仍在训练。指标不存在时退出码为 2；尚无数值的指标用 --json 时没有输出。"),
    ("The script calls the program for forms, names of runs and words of axes.", "脚本会调用本程序，补全体裁、运行名与轴上的字词。"),
];
