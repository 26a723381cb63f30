package io.crewcast.features.operator;

import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;

/**
 * Runs a keyed function that holds something back in a backfill. Where a live job starts from the
 * savepoint of a backfill, it first has the function hand that out, once: keys that hear nothing
 * more would keep it for ever.
 *
 * @param <T> what the function takes
 * @param <R> what it puts out
 */
public final class GoLive<T, R> extends KeyedProcessOperator<String, T, R> {

  /** Four kinds of entities, and most of the memory is for other things. */
  private static final int SHARES_OF_A_SLOT = 12;

  private static final ListStateDescriptor<Boolean> HOLDS_BACK =
      new ListStateDescriptor<>("holds-back", Types.BOOLEAN);

  private final HoldsBack<R> function;
  private final boolean backfill;

  private transient ListState<Boolean> kept;
  private transient boolean holdsBack;

  /**
   * @param function whose state is handed out
   * @param backfill whether this job is the backfill and not the live one
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in initializeState()
  public <F extends KeyedProcessFunction<String, T, R> & HoldsBack<R>> GoLive(
      F function, boolean backfill) {
    super(function);
    this.function = function;
    this.backfill = backfill;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    KeyedStateBackend<String> keys = getKeyedStateBackend();
    // a backend that keeps objects, not bytes, reads them while it writes a snapshot
    function.keyedBy(keys, keys.isSafeToReuseKVState() ? shareOfMemory() : 0);
    super.initializeState(context);
    kept = context.getOperatorStateStore().getUnionListState(HOLDS_BACK);
    holdsBack = backfill || kept.get().iterator().hasNext();
  }

  private long shareOfMemory() {
    int slots =
        getContainingTask()
            .getEnvironment()
            .getTaskManagerInfo()
            .getConfiguration()
            .get(TaskManagerOptions.NUM_TASK_SLOTS);
    return Runtime.getRuntime().maxMemory() / slots / SHARES_OF_A_SLOT;
  }

  @Override
  public void open() throws Exception {
    super.open();
    if (holdsBack && !backfill) {
      // not in open() itself: what comes after may not take records in yet
      var clock = getProcessingTimeService();
      var unused = clock.registerTimer(clock.getCurrentProcessingTime(), now -> handOut());
    }
  }

  private void handOut() throws Exception {
    function.handOut(output);
    holdsBack = false;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    kept.clear();
    if (holdsBack) {
      kept.add(true);
    }
  }
}
