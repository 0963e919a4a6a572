//! Where operators' requests arrive, and where their answers come from.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rtrb::Producer;
use tandem_guard::{Nonce, Request};
use tandem_system2::{Instruction, Tokenizer};
use tandem_types::InstructionId;
use tandem_wire::{ControlKind, ControlReply, ControlRequest, INSTRUCTION_BYTES_MAX};

use crate::record::Answer;
use crate::shared::Shared;
use crate::tick::Ticket;

/// How long a request may take to come back from the tick: two hundred ticks and a drain.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// The longest stall of System 1 that can be asked for, ms.
const STALL_MS_MAX: u64 = 10_000;

/// The faults that can be injected.
const FAULTS: &str = "`kill-system2`, `stall-system1 MS` and `nan-system1`";
/// The most instructions of one list.
const TASKS_MAX: usize = 16;

/// Operators who wait for the tick's answer to their ticket.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<BTreeMap<u64, SyncSender<Answer>>>);

impl Waiting {
    /// Brings the tick's answer to whoever asked; nobody may be left.
    pub(crate) fn answer(&self, answer: Answer) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asker) = waiting.remove(&answer.ticket) {
            asker.try_send(answer).ok();
        }
    }

    fn expect(&self, ticket: u64) -> Receiver<Answer> {
        let (sender, receiver) = sync_channel(1);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, sender);
        receiver
    }

    fn forget(&self, ticket: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
    }
}

/// Serves the control key.
pub(crate) struct Desk {
    pub(crate) tickets: Producer<Ticket>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) instructions: Instructions,
    pub(crate) faults_allowed: bool,
    pub(crate) number: u64,
}

impl Desk {
    pub(crate) fn handle(&mut self, request: &ControlRequest) -> ControlReply {
        match request.kind {
            ControlKind::Arm => self.arm(&request.text),
            ControlKind::Disarm => self.pass_on(Request::Disarm, "disarming"),
            ControlKind::Acknowledge => self.pass_on(Request::Acknowledge, "acknowledged"),
            ControlKind::Stop => self.pass_on(Request::Stop, "stopping"),
            ControlKind::Instruct => {
                self.instructions.instruct(&self.shared, &request.text).map_or_else(no, yes)
            }
            ControlKind::Fault => self.fault(&request.text),
            ControlKind::Shutdown => {
                self.shared.stop();
                yes("shutting down".to_owned())
            }
            ControlKind::Status | ControlKind::Report => {
                no("status and report are published on keys of their own".to_owned())
            }
        }
    }

    /// Arms, unless System 1's policy changes hands this very moment: whoever arms shall know what
    /// will move. What leads away from motion is never held up by a swap. After a stop it takes the
    /// nonce of its acknowledgement.
    fn arm(&mut self, nonce: &str) -> ControlReply {
        let request = match nonce.trim() {
            "" => Request::Arm,
            digits => match digits.parse() {
                Ok(number) => Request::Rearm(Nonce(number)),
                Err(_) => return no(format!("`{digits}` is no nonce: it is a number")),
            },
        };
        let shared = self.shared.clone();
        let Some(_turn) = shared.turn() else {
            return no("System 1's policy is changing hands: arm again in a moment".to_owned());
        };
        self.pass_on(request, "armed")
    }

    /// Puts a request before the tick and waits for what it says.
    fn pass_on(&mut self, request: Request, done: &str) -> ControlReply {
        self.number += 1;
        let answer = self.waiting.expect(self.number);
        if self.tickets.push(Ticket { number: self.number, request }).is_err() {
            self.waiting.forget(self.number);
            return no("too many requests at once: try again".to_owned());
        }
        match answer.recv_timeout(ANSWER_WITHIN) {
            Ok(Answer { refusal: Some(refusal), .. }) => no(refusal.to_string()),
            Ok(Answer { nonce: Some(Nonce(nonce)), .. }) if request == Request::Acknowledge => {
                let message = format!("{done}; to arm within 10 s: `tandem ctl arm {nonce}`");
                ControlReply { nonce, ..yes(message) }
            }
            Ok(_) => yes(done.to_owned()),
            Err(_) => {
                self.waiting.forget(self.number);
                no("the control tick did not answer: is the daemon overloaded?".to_owned())
            }
        }
    }

    fn fault(&self, text: &str) -> ControlReply {
        if !self.faults_allowed {
            return no("fault injection is off: set `injection = true` under [faults]".to_owned());
        }
        let mut words = text.split_whitespace();
        let (name, number) = (words.next().unwrap_or_default(), words.next());
        match (name, number.map(str::parse)) {
            ("kill-system2", None) => {
                self.shared.kill_system2();
                yes("System 2 will die at its next thought".to_owned())
            }
            ("stall-system1", Some(Ok(stall_ms @ 1..=STALL_MS_MAX))) => {
                self.shared.stall_system1(stall_ms);
                yes(format!("System 1 will be stalled for {stall_ms} ms"))
            }
            ("stall-system1", _) => {
                no(format!("say for how long: `stall-system1 MS`, 1 to {STALL_MS_MAX}"))
            }
            ("nan-system1", None) => {
                self.shared.spoil_system1();
                yes("System 1's policy will say NaN until it is replaced".to_owned())
            }
            _ => no(format!("no fault `{text}`: there are {FAULTS}")),
        }
    }
}

/// Makes instructions of texts, from whichever key they come.
#[derive(Clone)]
pub(crate) struct Instructions {
    tokenizer: Arc<Tokenizer>,
    next: Arc<Mutex<InstructionId>>,
}

impl Instructions {
    pub(crate) fn new(tokenizer: Tokenizer) -> Self {
        let next = Arc::new(Mutex::new(InstructionId(1)));
        Self { tokenizer: Arc::new(tokenizer), next }
    }

    /// Replaces all instructions by those of a text, one in each line; an empty text takes them
    /// away.
    ///
    /// # Errors
    /// Why none was taken: too many, or one too long for what carries it.
    pub(crate) fn instruct(&self, shared: &Shared, text: &str) -> Result<String, String> {
        let texts: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if texts.len() > TASKS_MAX {
            return Err(format!("{} instructions, at most {TASKS_MAX} in a list", texts.len()));
        }
        if let Some(long) = texts.iter().find(|text| text.len() > INSTRUCTION_BYTES_MAX) {
            let bytes = long.len();
            return Err(format!("{bytes} bytes, at most {INSTRUCTION_BYTES_MAX}: `{long}`"));
        }
        let instructions: Vec<_> = texts.iter().map(|text| self.understand(text)).collect();
        let said: Vec<_> =
            texts.iter().zip(&instructions).map(|(text, it)| say(text, it)).collect();
        let answer = match said.as_slice() {
            [] => "no instruction".to_owned(),
            [one] => format!("instructed: {one}"),
            all => format!("instructed, one after the other: {}", all.join("; ")),
        };
        tracing::info!("{answer}");
        shared.instruct(instructions);
        Ok(answer)
    }

    fn understand(&self, text: &str) -> Instruction {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let instruction = Instruction::new(*next, text, &self.tokenizer);
        next.0 += 1;
        instruction
    }
}

/// A text, and what of it System 2 cannot know.
fn say(text: &str, instruction: &Instruction) -> String {
    let unknown = &instruction.tokens.unknown;
    if unknown.is_empty() {
        text.to_owned()
    } else {
        format!("{text} (words never trained on: {})", unknown.join(", "))
    }
}

fn yes(message: String) -> ControlReply {
    ControlReply { ok: true, message, nonce: 0 }
}

fn no(message: String) -> ControlReply {
    ControlReply { ok: false, message, nonce: 0 }
}
