/** What the page says of the work and its result. */

const TASKS = {
  rain: "rain",
  raindrop: "raindrops",
  haze: "haze",
  blur: "motion blur",
};

/** What the service does in each stage. */
export const STAGES = {
  receive: "Sending the photograph",
  busy: "All places are taken, waiting for one",
  "not-ready": "The service is starting, waiting for it",
  queue: "Waiting for its turn",
  download: "Fetching a model",
  decode: "Reading the photograph",
  mask: "Finding damage",
  restore: "Restoring",
  encode: "Writing the result",
};

/** What was found and done. */
export function sentence({ tasks, restored, probabilities, confidence }) {
  if (tasks.length === 0) {
    return confidence === 0
      ? "Too small or narrow to be looked at: your photograph is unchanged."
      : "No damage found: your photograph is unchanged.";
  }
  if (restored.length === 0) {
    return `It may suffer from ${
      sureOf(tasks, probabilities)
    }: not sure enough, your photograph is unchanged. Choose what spoils it to restore it all the same.`;
  }
  const left = tasks.filter((task) => !restored.includes(task));
  return left.length === 0
    ? `Restored: ${namesOf(restored)}.`
    : `Restored: ${namesOf(restored)}. Left, not sure enough: ${
      namesOf(left)
    }.`;
}

/** Names and values of what is known of a result. */
export function factsOf(report) {
  const { tasks, restored, probabilities, confidence, times, device } = report;
  return {
    "Spoiled by": tasks.length > 0
      ? sureOf(tasks, probabilities)
      : confidence === 0
      ? "not looked at"
      : `nothing found (${percent(confidence)} sure)`,
    "Restored": namesOf(restored) || "nothing",
    "Covered": percent(report.coverage),
    "Severity": report.severity.toFixed(2),
    "Kept as they were": `${percent(report.identicalPixels)} of pixels`,
    "Time": `${(times.total / 1000).toFixed(1)} s on ${device}`,
  };
}

function sureOf(tasks, probabilities) {
  return tasks.map((task) =>
    `${namesOf([task])} (${percent(probabilities[task])} sure)`
  ).join(" and ");
}

function namesOf(tasks) {
  return tasks.map((task) => TASKS[task] ?? task).join(" and ");
}

/** A share in percent: 0 % and 100 % only where exact. */
export function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share < 1 && share > 0.99) return "over 99 %";
  return `${Math.round(100 * share)} %`;
}
