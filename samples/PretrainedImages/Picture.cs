using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNetMeta.Samples;

/// <summary>A labelled picture.</summary>
internal sealed class Picture
{
    public string Label { get; set; } = "";

    [AnySize]
    public MLImage? Image { get; set; }

    /// <summary>ML.NET's own attribute asks for one height and width.</summary>
    private sealed class AnySizeAttribute : DataViewTypeAttribute
    {
        public override bool Equals(DataViewTypeAttribute? other) => other is AnySizeAttribute;

        public override int GetHashCode() => 0;

        public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage), this);
    }
}
