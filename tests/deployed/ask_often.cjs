// The CDK CLI asks every five seconds whether CloudFormation is done, and has no option for it. In the emulated account it is
// done sooner. Loaded before the CLI, which stays as it is: only a pause of exactly five seconds whose end a promise waits for
// (`waitFor` in aws-cdk's lib/index.js) is shorter. Time limits of requests have a function of their own and stay.
const { setTimeout: original } = globalThis;
const isResolve = (callback) => Function.prototype.toString.call(callback).includes("[native code]");

globalThis.setTimeout = Object.assign(
  (callback, milliseconds, ...rest) =>
    original(callback, milliseconds === 5000 && isResolve(callback) ? 200 : milliseconds, ...rest),
  original,
);
