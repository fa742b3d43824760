/** Checks of the names that calls which manage something take. */
export {
  checkAccessTokenId,
  checkAccessTokenPrefix,
  checkBasinPrefix,
  checkLocation,
  checkPageLimit,
  checkRequestToken,
  checkStreamPrefix,
} from "../model/managed-names.js";
