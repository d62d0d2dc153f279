/** Whether the work was done in time. */
export async function within(ms: number, work: () => Promise<unknown>): Promise<boolean> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    late = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work().then(() => true), patience]);
  } finally {
    clearTimeout(late);
  }
}
