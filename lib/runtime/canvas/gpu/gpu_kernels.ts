/** The WGSL programs that cut, blend and compose, compiled when first used. */
import addTile from "./shaders/add_tile.wgsl" with { type: "text" };
import averageShares from "./shaders/average_shares.wgsl" with {
  type: "text",
};
import carryOverlap from "./shaders/carry_overlap.wgsl" with { type: "text" };
import common from "./shaders/common.wgsl" with { type: "text" };
import composite from "./shaders/composite.wgsl" with { type: "text" };
import correct from "./shaders/correct.wgsl" with { type: "text" };
import cutImage from "./shaders/cut_image.wgsl" with { type: "text" };
import cutMask from "./shaders/cut_mask.wgsl" with { type: "text" };
import damagedDetail from "./shaders/damaged_detail.wgsl" with {
  type: "text",
};
import enlarge from "./shaders/enlarge.wgsl" with { type: "text" };
import quantise from "./shaders/quantise.wgsl" with { type: "text" };
import reduce from "./shaders/reduce.wgsl" with { type: "text" };
import refine from "./shaders/refine.wgsl" with { type: "text" };
import sample from "./shaders/sample.wgsl" with { type: "text" };
import thumbnail from "./shaders/thumbnail.wgsl" with { type: "text" };

const SOURCES = {
  "cut-image": cutImage,
  "cut-mask": cutMask,
  "carry-overlap": carryOverlap,
  "add-tile": addTile,
  quantise,
  composite,
  enlarge,
  correct,
  reduce,
  refine,
  "damaged-detail": damagedDetail,
  "average-shares": averageShares,
  sample,
  thumbnail,
};

/** A program; what it does, and its bindings, stand in its file in `shaders/`. */
export type Kernel = keyof typeof SOURCES;

/** Side of a workgroup, as in the shaders. */
const GROUP = 16;

/** Positions in a line where a program walks along words instead of a rectangle; `LINE` in the shaders. */
const LINE = 1024;

/** The rectangle of a program that has a position for each of so many words. */
export function inLines(words: number): readonly [number, number] {
  return [LINE, Math.ceil(words / LINE)];
}

/** The programs on one device. */
export class GpuKernels {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<Kernel, GPUComputePipeline>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /**
   * Runs a program once for each position of a rectangle of `across` by `down`.
   *
   * @param params Its `Params`: rows of four numbers.
   * @param buffers Its other bindings, from 1.
   */
  run(
    kernel: Kernel,
    params: readonly (readonly number[])[],
    buffers: readonly GPUBuffer[],
    [across, down]: readonly [number, number],
  ): void {
    const pipeline = this.#pipeline(kernel);
    const values = new Uint32Array(4 * params.length);
    params.forEach((row, i) => values.set(row, 4 * i));
    const uniform = this.#device.createBuffer({
      size: values.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#device.queue.writeBuffer(uniform, 0, values);
    const group = this.#device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [uniform, ...buffers].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      })),
    });
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(Math.ceil(across / GROUP), Math.ceil(down / GROUP));
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
    // Takes effect when what was submitted is done.
    uniform.destroy();
  }

  #pipeline(kernel: Kernel): GPUComputePipeline {
    const known = this.#pipelines.get(kernel);
    if (known !== undefined) return known;
    const module = this.#device.createShaderModule({
      label: kernel,
      code: `const LINE = ${LINE}u;\n${common}\n${SOURCES[kernel]}`,
    });
    const pipeline = this.#device.createComputePipeline({
      label: kernel,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    this.#pipelines.set(kernel, pipeline);
    return pipeline;
  }
}
