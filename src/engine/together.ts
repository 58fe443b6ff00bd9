/**
 * Waits for tasks that run at the same time. Where one fails, the others are stopped and waited for, so that nothing runs
 * on behind an error that was told.
 * @throws what the first that failed has thrown.
 */
export async function together(tasks: readonly Promise<unknown>[], stop: () => void): Promise<void> {
  try {
    await Promise.all(tasks);
  } catch (error) {
    stop();
    await Promise.allSettled(tasks);
    throw error;
  }
}
