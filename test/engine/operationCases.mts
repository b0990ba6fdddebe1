import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';

/** At least one case of each operation that sends one request for each item. */
export const operationCases = [...customerCases, ...deviceCases, ...deviceDataCases];
