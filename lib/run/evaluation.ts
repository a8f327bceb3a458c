/** How a validation split is cut. Pure. */

/** Samples that are evaluated at once; the last ones of a split may be fewer. */
export const EVALUATION_BATCH_SAMPLES = 200;
