/**
 * What the device complains of while `work` hands things to it; it is not waited for.
 *
 * @returns `null` for nothing
 */
export async function complaintOf(
  device: GPUDevice,
  work: () => void | Promise<void>,
): Promise<GPUError | null> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  try {
    await work();
  } catch (error) {
    await device.popErrorScope();
    await device.popErrorScope();
    throw error;
  }
  const invalid = await device.popErrorScope();
  const short = await device.popErrorScope();
  return invalid ?? short;
}
