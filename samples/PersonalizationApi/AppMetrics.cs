using System.Globalization;
using System.Text;

namespace PersonalizationApi;

/// <summary>The metrics that GET /metrics reports, in the text format of Prometheus.</summary>
internal sealed class AppMetrics
{
    private long _learns, _predicts, _rows, _restored, _evicted, _refused, _failed, _learnTicks, _predictTicks;

    public void Learned(TimeSpan elapsed)
    {
        Interlocked.Increment(ref _learns);
        Interlocked.Add(ref _learnTicks, elapsed.Ticks);
    }

    public void Predicted(int rows, TimeSpan elapsed)
    {
        Interlocked.Increment(ref _predicts);
        Interlocked.Add(ref _rows, rows);
        Interlocked.Add(ref _predictTicks, elapsed.Ticks);
    }

    public void Restored() => Interlocked.Increment(ref _restored);

    public void Evicted() => Interlocked.Increment(ref _evicted);

    /// <summary>Counts an answer with an error status.</summary>
    public void Error(int status) => Interlocked.Increment(ref status < 500 ? ref _refused : ref _failed);

    public string Report(int cachedModels, long bytesInFlight)
    {
        var text = new StringBuilder();
        Add("learn_requests_total", "counter", _learns);
        Add("learn_seconds_total", "counter", new TimeSpan(_learnTicks).TotalSeconds);
        Add("predict_requests_total", "counter", _predicts);
        Add("predict_seconds_total", "counter", new TimeSpan(_predictTicks).TotalSeconds);
        Add("predicted_rows_total", "counter", _rows);
        Add("models_restored_total", "counter", _restored);
        Add("models_evicted_total", "counter", _evicted);
        Add("refused_requests_total", "counter", _refused);
        Add("failed_requests_total", "counter", _failed);
        Add("cached_models", "gauge", cachedModels);
        Add("bytes_in_flight", "gauge", bytesInFlight);
        Add("working_set_bytes", "gauge", Environment.WorkingSet);
        return text.ToString();

        void Add(string name, string type, double value) => text
            .Append("# TYPE personalization_").Append(name).Append(' ').Append(type).Append('\n')
            .Append("personalization_").Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
