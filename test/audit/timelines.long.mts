import { testAuditTimelines } from './timelines.mts';

testAuditTimelines(12_000);
