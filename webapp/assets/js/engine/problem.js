/**
 * Why live guidance is not possible (any more). `code`: "none" no engine could be opened, "lost" the server could not
 * be reached, else the code of the server's answer ("http_401", "consent_missing", ...).
 */
export class EngineProblem extends Error {
  constructor(code, options) {
    super(code, options);
    this.name = "EngineProblem";
    this.code = code;
  }
}
