import type { LifeEvent } from "./life-events.ts";
import type { Collecte, Notification, Task } from "./state.ts";

type Told = Extract<LifeEvent, { effectId: string }>;

/** The state with what became of a notice. What somebody was to get and did not is a task of the preparer. */
export function notified(state: Collecte, event: Told, status: Notification["status"]): Collecte {
  const { effectId, channel, notice, to, at } = event;
  const notifications = { ...state.notifications, [effectId]: { channel, notice, to, status, at } };
  const { [effectId]: _mended, ...others } = state.tasks ?? {};
  const isTask = status === "failed" && to !== "preparer" && isStillTold(state, to);
  const task: Task = { personId: to, channel, notice, code: event.reference, at };
  return withTasks({ ...state, notifications }, isTask ? { ...others, [effectId]: task } : others);
}

/** Who has signed is told only at the end; who was replaced, nothing. */
function isStillTold(state: Collecte, personId: string): boolean {
  return state.status === "completed" || state.signatories[personId]?.status !== "signed"
    ? !state.replaced?.includes(personId)
    : false;
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
  const task = state.tasks?.[effectId];
  if (!task) return false;
  const alike = Object.values(state.tasks ?? {}).filter(
    ({ personId, channel }) => personId === task.personId && channel === task.channel,
  );
  return alike.length === 1;
}

function withTasks({ tasks: _before, ...state }: Collecte, tasks: Record<string, Task>): Collecte {
  return Object.keys(tasks).length === 0 ? state : { ...state, tasks };
}
