import { testAuditTimelines } from './timelines.mts';

testAuditTimelines(60);
