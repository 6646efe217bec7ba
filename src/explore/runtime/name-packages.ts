/**
 * How to have a package instrumented, for messages that come upon one that is not.
 */

export const NAME_PACKAGES =
  "a package is followed if it is named: --packages NAME on the command line, explorePlugin({ packages: ['NAME'] }) in the config of Vitest, loadInstrumented(file, { packages: ['NAME'] }), or EXPLORE_PACKAGES=NAME for any of them"
