namespace MLNetMeta.Distributed.Sources;

/// <summary>What labels are in a file.</summary>
internal enum LabelType
{
    Number,
    Text,
    Boolean,
}
