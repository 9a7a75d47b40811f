//! What is asked before anything that loses work.

use crate::ui::model::run_model::RunModel;
use crate::ui::text::{self, words::Lang};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Roll back to the best checkpoint?
    Rollback,
    /// Quit without waiting for the checkpoint?
    Quit,
}

impl Question {
    /// The question and its consequence.
    pub fn text(self, model: &RunModel, lang: Lang) -> String {
        let step = match self {
            Question::Rollback => model.best,
            Question::Quit => model.saved,
        };
        let step = step.map(text::count);
        match (lang, self, step) {
            (Lang::En, Question::Rollback, Some(step)) => {
                format!("roll back to step {step}, the best checkpoint? What both models learned after it is lost.")
            }
            (Lang::En, Question::Rollback, None) => {
                "roll back to the best checkpoint? What both models learned after it is lost.".to_owned()
            }
            (Lang::En, Question::Quit, Some(step)) => {
                format!("quit now? What both models learned after step {step} is lost.")
            }
            (Lang::En, Question::Quit, None) => "quit now? There is no checkpoint: everything is lost.".to_owned(),
            (Lang::Zh, Question::Rollback, Some(step)) => {
                format!("回滚到最佳检查点，即第 {step} 步？此后两个模型所学都会丢失。")
            }
            (Lang::Zh, Question::Rollback, None) => "回滚到最佳检查点？此后两个模型所学都会丢失。".to_owned(),
            (Lang::Zh, Question::Quit, Some(step)) => {
                format!("立即退出？第 {step} 步之后两个模型所学都会丢失。")
            }
            (Lang::Zh, Question::Quit, None) => "立即退出？没有检查点：全部丢失。".to_owned(),
        }
    }
}
