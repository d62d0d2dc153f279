import type { LifeEvent } from "./life-events.ts";
import type { Collecte, Notification, Task } from "./state.ts";

type Told = Extract<LifeEvent, { effectId: string }>;

/** The connection broke before the gateway answered, or the engine died while it sent. */
const mayHaveArrived: ReadonlySet<string> = new Set(["sms_doubtful", "engine_died"]);

/** The state with what became of a notice. What somebody was to get and did not is a task of the preparer. */
export function notified(state: Collecte, event: Told, status: Notification["status"]): Collecte {
  const { effectId, channel, notice, to, at } = event;
  const sentAt = state.notifications[effectId]?.at ?? at;
  const isDoubtful = status === "failed" && mayHaveArrived.has(event.reference);
  const notification: Notification = { channel, notice, to, status, ...(isDoubtful && { isDoubtful }), at };
  const noted = { ...state, notifications: { ...state.notifications, [effectId]: notification } };
  if (status === "failed") {
    const task: Task = { personId: to, channel, notice, code: event.reference, at };
    const isTask = isStillTold(state, to) && sentAt >= (state.mended?.[to]?.[channel] ?? 0);
    return isTask ? withTasks(noted, { ...state.tasks, [effectId]: task }) : noted;
  }
  // An SMS that a gateway took is not on a phone yet; a mailbox that takes a mail has mended itself.
  const hasArrived = status === "delivered" || channel === "mail";
  if (hasArrived) return withoutTasksOf(noted, to, channel);
  const { [effectId]: _leftAfterAll, ...others } = state.tasks ?? {};
  return withTasks(noted, others);
}

/** Who has signed is told only at the end; who was replaced, nothing; and no correction helps what ended unsigned. */
function isStillTold(state: Collecte, to: string): boolean {
  if (to === "preparer" || state.replaced?.includes(to)) return false;
  return state.status === "launched"
    ? state.signatories[to]?.status !== "signed"
    : state.status === "completed";
}

/** The tasks of this person, of that channel or of all, are done. */
export function withoutTasksOf(state: Collecte, personId: string, channel?: Task["channel"]): Collecte {
  if (!state.tasks) return state;
  const left = Object.entries(state.tasks).filter(
    ([, task]) => task.personId !== personId || (channel !== undefined && task.channel !== channel),
  );
  return withTasks(state, Object.fromEntries(left));
}

/** Whether this failure is the first of its person and channel that is open: one mail to the preparer is enough. */
export function isFirstTask(state: Collecte, effectId: string): boolean {
  const tasks = state.tasks ?? {};
  const task = tasks[effectId];
  if (!task) return false;
  const alike = Object.values(tasks).filter(
    ({ personId, channel }) => personId === task.personId && channel === task.channel,
  );
  return alike.length === 1;
}

function withTasks({ tasks: _before, ...state }: Collecte, tasks: Record<string, Task>): Collecte {
  return Object.keys(tasks).length === 0 ? state : { ...state, tasks };
}
